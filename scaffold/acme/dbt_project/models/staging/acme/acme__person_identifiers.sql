{{ config(materialized='view') }}

with

sales as (
    select * from {{ staged('stg_acme__sales') }}
)

{{ sightings('sales', 'order', 'acme_sale_id', 'sold_at', {'email': 'email'}) }}
