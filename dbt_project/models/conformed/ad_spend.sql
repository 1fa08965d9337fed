{{ config(materialized='view') }}

{{ conformed('ad_spend') }}
