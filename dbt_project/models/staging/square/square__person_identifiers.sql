{{ config(materialized='view') }}

{%- set person = {
    'country_code': 'country_code', 'first_name': 'first_name', 'last_name': 'last_name',
    'birth_date': as_text('birth_date'),
} %}

with

customers as (
    select * from {{ staged('stg_square__customers') }}
),

-- Each address, number and card that a customer ever had, while they had it.
contacts as (
    {{ details_held(
        ref('stg_square__customers__history'), 'customers', 'square_customer_id',
        ['email', 'phone', 'loyalty_card_no'], person
    ) }}
),

orders as (
    select * from {{ staged('stg_square__orders') }}
),

-- A gift card goes from hand to hand: it is money, and says nothing of who pays.
payments as (
    select * from {{ staged('stg_square__payments') }}
    where coalesce(card_brand, '') <> 'SQUARE_GIFT_CARD'
),

loyalty_accounts as (
    select * from {{ staged('stg_square__loyalty_accounts') }}
),

cards as (
    select
        connection,
        max(_load_id) as _load_id,
        card_fingerprint,
        square_customer_id,
        min(created_at) as observed_at,
        max(created_at) as last_observed_at
    from payments
    where card_fingerprint is not null
    group by connection, card_fingerprint, square_customer_id
)

{{ sightings('customers', 'customer', 'square_customer_id', 'created_at', {
    'customer_id': 'square_customer_id',
}, person) }}
union all
{{ sightings('contacts', 'customer', 'square_customer_id', 'held_from', {
    'email': 'email', 'phone': 'phone', 'loyalty_card': 'loyalty_card_no',
}, person, ended_at='ended_at') }}
union all
{{ sightings('orders', 'order', 'square_order_id', 'created_at', {'customer_id': 'square_customer_id'}) }}
union all
{{ sightings('payments', 'order', 'square_order_id', 'created_at', {'card_fingerprint': 'card_fingerprint'}) }}
union all
{{ sightings('loyalty_accounts', 'loyalty_account', 'loyalty_account_id', 'enrolled_at', {
    'customer_id': 'square_customer_id', 'phone': 'phone',
}) }}
union all
{{ sightings('cards', 'card_fingerprint', 'card_fingerprint', 'observed_at', {
    'card_fingerprint': 'card_fingerprint',
}, last_observed_at='last_observed_at') }}
union all
-- Who pays with a card is a sighting of *their* record: the card itself must not become a bridge between
-- the two customers who share it.
{{ sightings('cards', 'customer', 'square_customer_id', 'observed_at', {
    'card_fingerprint': 'card_fingerprint',
}, last_observed_at='last_observed_at') }}
