{{ config(materialized='view') }}

{{ conformed('pings') }}
