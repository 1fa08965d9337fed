{{ config(materialized='view') }}

select
    connection,
    'shopify' as source_system,
    _load_id,
    'customer' as record_kind,
    shopify_customer_id as record_id,
    'online' as known_in,
    not is_deleted as is_active,
    email_marketing_state = 'SUBSCRIBED' as is_email_subscribed,
    updated_at,
    email,
    phone,
    first_name,
    last_name,
    cast(null as date) as birth_date,
    street,
    city,
    postal_code,
    country_code
from {{ staged('stg_shopify__customers') }}
