{{ config(materialized='view') }}

with

-- Clover does not tell when a customer was made whom somebody else imported: then the load is the first sighting.
customers as (
    select
        connection,
        _load_id,
        clover_customer_id,
        email_addresses,
        phone_numbers,
        country_code,
        first_name,
        last_name,
        birth_date,
        coalesce(created_at, _extracted_at) as observed_at
    from {{ staged('stg_clover__customers') }}
),

emails as (
    select
        *,
        {{ explode('email_addresses') }} as contact
    from customers
),

phones as (
    select
        *,
        {{ explode('phone_numbers') }} as contact
    from customers
),

orders as (
    select * from {{ staged('stg_clover__orders') }}
)

{%- set person = {
    'country_code': 'country_code', 'first_name': 'first_name', 'last_name': 'last_name',
    'birth_date': as_text('birth_date'),
} %}
{{ sightings('customers', 'customer', 'clover_customer_id', 'observed_at', {
    'customer_id': 'clover_customer_id',
}, person) }}
union all
{{ sightings('emails', 'customer', 'clover_customer_id', 'observed_at', {
    'email': 'contact.emailAddress',
}, person) }}
union all
{{ sightings('phones', 'customer', 'clover_customer_id', 'observed_at', {
    'phone': 'contact.phoneNumber',
}, person) }}
union all
{{ sightings('orders', 'order', 'clover_order_id', 'created_at', {'customer_id': 'clover_customer_id'}) }}
