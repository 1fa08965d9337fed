{{ config(materialized='view') }}

{{ conformed('order_coupons') }}
