{#- Identifiers as the sources spell them; a view, so that no second copy of them lies about. -#}
{{ config(materialized='view') }}

with

shopify_customers as (
    select * from {{ ref('stg_shopify__customers') }}
),

shopify_orders as (
    select * from {{ ref('stg_shopify__orders') }}
),

live_contacts as (
    select * from {{ ref('stg_hubspot__contacts') }}
),

archived_contacts as (
    select * from {{ ref('stg_hubspot__archived_contacts') }}
),

deals as (
    select * from {{ ref('stg_hubspot__deals') }}
),

square_customers as (
    select * from {{ ref('stg_square__customers') }}
),

square_orders as (
    select * from {{ ref('stg_square__orders') }}
),

square_payments as (
    select * from {{ ref('stg_square__payments') }}
),

loyalty_accounts as (
    select * from {{ ref('stg_square__loyalty_accounts') }}
),

events as (
    select * from {{ ref('stg_ga4__events') }}
),

pings as (
    select * from {{ ref('stg_store_sensors__pings') }}
),

merged_contacts as (
    select
        hubspot_contact_id,
        {{ explode("split(merged_contact_ids, ';')") }} as merged_contact_id,
        created_at
    from live_contacts
    where merged_contact_ids is not null
),

-- Consent is the event's own: what was seen with it and what without it are two sightings.
clients as (
    select
        ga_client_id,
        shopify_customer_id,
        has_analytics_consent as has_consent,
        min(occurred_at) as observed_at,
        max(occurred_at) as last_observed_at
    from events
    where ga_client_id is not null
    group by ga_client_id, shopify_customer_id, has_analytics_consent
),

devices as (
    select
        app_device_id,
        shopify_customer_id,
        min(observed_at) as observed_at,
        max(observed_at) as last_observed_at
    from pings
    where app_device_id is not null
    group by app_device_id, shopify_customer_id
),

cards as (
    select
        card_fingerprint,
        square_customer_id,
        min(created_at) as observed_at,
        max(created_at) as last_observed_at
    from square_payments
    where card_fingerprint is not null
    group by card_fingerprint, square_customer_id
),

-- Who logs in on a browser or phone, or pays with a card, is a sighting of *their* record: the
-- browser itself must not become a bridge between the two customers who share it.
logged_in_clients as (
    select * from clients
    where shopify_customer_id is not null
),

logged_in_devices as (
    select * from devices
    where shopify_customer_id is not null
),

known_card_holders as (
    select * from cards
    where square_customer_id is not null
),

records as (
    {{ identity_records('shopify_customers', 'shopify', 'shopify_customer', 'shopify_customer_id', 'created_at', {
        'shopify_customer_id': 'shopify_customer_id', 'email': 'email', 'phone': 'phone',
        'country_code': 'country_code', 'first_name': 'first_name', 'last_name': 'last_name',
    }) }}
    union all
    -- The phone of an order is the recipient's, who on a gift is somebody else: it counts only where
    -- the buyer left nothing better.
    {{ identity_records('shopify_orders', 'shopify', 'shopify_order', 'shopify_order_id', 'created_at', {
        'shopify_order_name': 'order_name', 'shopify_customer_id': 'shopify_customer_id',
        'email': 'email', 'ga_client_id': 'ga_client_id', 'country_code': 'country_code',
        'phone': 'case when email is null and shopify_customer_id is null then phone end',
    }) }}
    union all
    {{ identity_records('live_contacts', 'hubspot', 'hubspot_contact', 'hubspot_contact_id', 'created_at', {
        'hubspot_contact_id': 'hubspot_contact_id', 'email': 'email', 'phone': 'phone',
        'loyalty_card': 'loyalty_card_no', 'first_name': 'first_name', 'last_name': 'last_name', 'birth_date': as_text('birth_date'),
    }) }}
    union all
    {{ identity_records('archived_contacts', 'hubspot', 'hubspot_contact', 'hubspot_contact_id', 'created_at', {
        'hubspot_contact_id': 'hubspot_contact_id', 'email': 'email', 'phone': 'phone',
        'loyalty_card': 'loyalty_card_no', 'first_name': 'first_name', 'last_name': 'last_name', 'birth_date': as_text('birth_date'),
    }) }}
    union all
    {{ identity_records('merged_contacts', 'hubspot', 'hubspot_contact', 'hubspot_contact_id', 'created_at', {
        'hubspot_contact_id': 'merged_contact_id',
    }) }}
    union all
    {{ identity_records('deals', 'hubspot', 'hubspot_contact', 'hubspot_contact_id', 'created_at', {
        'shopify_order_name': 'order_name',
    }) }}
    union all
    {{ identity_records('square_customers', 'square', 'square_customer', 'square_customer_id', 'created_at', {
        'square_customer_id': 'square_customer_id', 'email': 'email', 'phone': 'phone',
        'loyalty_card': 'loyalty_card_no', 'first_name': 'first_name', 'last_name': 'last_name', 'birth_date': as_text('birth_date'),
    }) }}
    union all
    {{ identity_records('square_orders', 'square', 'square_order', 'square_order_id', 'created_at', {
        'square_customer_id': 'square_customer_id',
    }) }}
    union all
    {{ identity_records('square_payments', 'square', 'square_order', 'square_order_id', 'created_at', {
        'card_fingerprint': 'card_fingerprint',
    }) }}
    union all
    {{ identity_records('loyalty_accounts', 'square', 'loyalty_account', 'loyalty_account_id', 'enrolled_at', {
        'square_customer_id': 'square_customer_id', 'phone': 'phone',
    }) }}
    union all
    {{ identity_records('clients', 'ga4', 'ga_client', 'ga_client_id', 'observed_at', {
        'ga_client_id': 'ga_client_id',
    }, last_observed_at='last_observed_at', has_consent='has_consent') }}
    union all
    {{ identity_records('logged_in_clients', 'shopify', 'shopify_customer', 'shopify_customer_id', 'observed_at', {
        'ga_client_id': 'ga_client_id',
    }, last_observed_at='last_observed_at', has_consent='has_consent') }}
    union all
    {{ identity_records('devices', 'store_sensors', 'app_device', 'app_device_id', 'observed_at', {
        'app_device_id': 'app_device_id',
    }, last_observed_at='last_observed_at') }}
    union all
    {{ identity_records('logged_in_devices', 'shopify', 'shopify_customer', 'shopify_customer_id', 'observed_at', {
        'app_device_id': 'app_device_id',
    }, last_observed_at='last_observed_at') }}
    union all
    {{ identity_records('cards', 'square', 'card_fingerprint', 'card_fingerprint', 'observed_at', {
        'card_fingerprint': 'card_fingerprint',
    }, last_observed_at='last_observed_at') }}
    union all
    {{ identity_records('known_card_holders', 'square', 'square_customer', 'square_customer_id', 'observed_at', {
        'card_fingerprint': 'card_fingerprint',
    }, last_observed_at='last_observed_at') }}
),

-- A contact can be listed as live and as archived, alike.
sightings as (
    select distinct * from records
    where record_id is not null
)

select
    {{ hash_key([
        'record_type', 'record_id', 'shopify_customer_id', 'square_customer_id', 'hubspot_contact_id',
        'shopify_order_name', 'email', 'phone', 'loyalty_card', 'card_fingerprint', 'ga_client_id',
        'app_device_id', 'country_code', 'first_name', 'last_name', 'birth_date',
        microseconds('observed_at'), microseconds('last_observed_at'), 'has_consent',
    ]) }} as sighting_id,
    *
from sightings
