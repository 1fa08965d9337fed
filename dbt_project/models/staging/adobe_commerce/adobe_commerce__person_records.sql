{{ config(materialized='view') }}

select
    connection,
    'adobe_commerce' as source_system,
    _load_id,
    'customer' as record_kind,
    adobe_commerce_customer_id as record_id,
    'online' as known_in,
    not is_deleted as is_active,
    is_subscribed as is_email_subscribed,
    updated_at,
    email,
    phone,
    first_name,
    last_name,
    birth_date,
    street,
    city,
    postal_code,
    country_code
from {{ staged('stg_adobe_commerce__customers') }}
