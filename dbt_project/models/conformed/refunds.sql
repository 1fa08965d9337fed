{{ config(materialized='view') }}

{{ conformed('refunds') }}
