{{ config(materialized='view') }}

{{ conformed('products') }}
