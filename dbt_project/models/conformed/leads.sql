{{ config(materialized='view') }}

{{ conformed('leads') }}
