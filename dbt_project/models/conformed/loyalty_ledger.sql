{{ config(materialized='view') }}

{{ conformed('loyalty_ledger') }}
