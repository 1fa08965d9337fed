{{ config(materialized='view') }}

{{ conformed('inventory_levels') }}
