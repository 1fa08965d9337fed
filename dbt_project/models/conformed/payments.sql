{{ config(materialized='view') }}

{{ conformed('payments') }}
