{{ config(materialized='view') }}

{{ conformed('store_events') }}
