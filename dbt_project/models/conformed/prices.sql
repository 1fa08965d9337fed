{{ config(materialized='view') }}

{{ conformed('prices') }}
