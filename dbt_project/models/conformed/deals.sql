{{ config(materialized='view') }}

{{ conformed('deals') }}
