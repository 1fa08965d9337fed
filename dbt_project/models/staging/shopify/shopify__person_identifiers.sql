{{ config(materialized='view') }}

with

customers as (
    select * from {{ ref('stg_shopify__customers') }}
),

orders as (
    select * from {{ ref('stg_shopify__orders') }}
)

{{ sightings('customers', 'customer', 'shopify_customer_id', 'created_at', {
    'customer_id': 'shopify_customer_id', 'email': 'email', 'phone': 'phone',
}, {'country_code': 'country_code', 'first_name': 'first_name', 'last_name': 'last_name'}) }}
union all
-- The phone of an order is the recipient's, who on a gift is somebody else: it counts only where
-- the buyer left nothing better.
{{ sightings('orders', 'order', 'shopify_order_id', 'created_at', {
    'order_name': 'order_name', 'customer_id': 'shopify_customer_id', 'email': 'email', 'browser_id': 'browser_id',
    'phone': 'case when email is null and shopify_customer_id is null then phone end',
}, {'country_code': 'country_code'}) }}
