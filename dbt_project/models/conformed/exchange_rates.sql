{{ config(materialized='view') }}

{{ conformed('exchange_rates') }}
