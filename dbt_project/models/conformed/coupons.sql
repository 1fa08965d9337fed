{{ config(materialized='view') }}

{{ conformed('coupons') }}
