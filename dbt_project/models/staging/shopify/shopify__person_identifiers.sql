{{ config(materialized='view') }}

{%- set person = {'country_code': 'country_code', 'first_name': 'first_name', 'last_name': 'last_name'} %}

with

customers as (
    select * from {{ staged('stg_shopify__customers') }}
),

-- Each address and number that a customer ever had, while they had it.
contacts as (
    {{ details_held(
        ref('stg_shopify__customers__history'), 'customers', 'shopify_customer_id',
        ['email', 'phone'], person
    ) }}
),

orders as (
    select * from {{ staged('stg_shopify__orders') }}
)

{{ sightings('customers', 'customer', 'shopify_customer_id', 'created_at', {
    'customer_id': 'shopify_customer_id',
}, person) }}
union all
{{ sightings('contacts', 'customer', 'shopify_customer_id', 'held_from', {'email': 'email', 'phone': 'phone'},
    person, ended_at='ended_at') }}
union all
-- The phone of an order is the recipient's, who on a gift is somebody else: it counts only where
-- the buyer left nothing better.
{{ sightings('orders', 'order', 'shopify_order_id', 'created_at', {
    'order_name': 'order_name', 'customer_id': 'shopify_customer_id', 'email': 'email', 'browser_id': 'browser_id',
    'phone': 'case when email is null and shopify_customer_id is null then phone end',
}, {
    'country_code': 'country_code', 'first_name': 'buyer_first_name', 'last_name': 'buyer_last_name',
}) }}
