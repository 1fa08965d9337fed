{{ config(materialized='view') }}

{{ conformed('ad_accounts') }}
