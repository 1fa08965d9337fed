{{ config(materialized='view') }}

{{ conformed('staff') }}
