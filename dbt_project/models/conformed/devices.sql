{{ config(materialized='view') }}

{{ conformed('devices') }}
