{{ config(materialized='view') }}

{%- set person = {'country_code': 'country_code', 'first_name': 'first_name', 'last_name': 'last_name'} %}

with

customers as (
    select * from {{ staged('stg_adobe_commerce__customers') }}
),

-- Each address and number that a customer ever had, while they had it.
contacts as (
    {{ details_held(
        ref('stg_adobe_commerce__customers__history'), 'customers', 'adobe_commerce_customer_id',
        ['email', 'phone'], person
    ) }}
),

orders as (
    select * from {{ staged('stg_adobe_commerce__orders') }}
)

{{ sightings('customers', 'customer', 'adobe_commerce_customer_id', 'created_at', {
    'customer_id': 'adobe_commerce_customer_id',
}, person) }}
union all
{{ sightings('contacts', 'customer', 'adobe_commerce_customer_id', 'held_from', {'email': 'email', 'phone': 'phone'},
    person, ended_at='ended_at') }}
union all
-- The phone may be that of whoever gets a gift: it counts only where the buyer left nothing better.
{{ sightings('orders', 'order', 'adobe_commerce_order_id', 'created_at', {
    'order_name': 'case when replaced_by_order_id is null then coalesce(original_order_name, order_name) end',
    'customer_id': 'adobe_commerce_customer_id', 'email': 'email', 'browser_id': 'browser_id',
    'phone': 'case when email is null and adobe_commerce_customer_id is null then phone end',
}, {
    'country_code': 'country_code', 'first_name': 'buyer_first_name', 'last_name': 'buyer_last_name',
}) }}
