{{ config(materialized='view') }}

select
    connection,
    'clover' as source_system,
    _load_id,
    'customer' as record_kind,
    clover_customer_id as record_id,
    'store' as known_in,
    _load_id = max(_load_id) over (partition by connection) as is_active,
    is_marketing_allowed as is_email_subscribed,
    created_at as updated_at,
    {{ first_element('email_addresses') }}.emailAddress as email,
    {{ first_element('phone_numbers') }}.phoneNumber as phone,
    first_name,
    last_name,
    birth_date,
    street,
    city,
    postal_code,
    country_code
from {{ staged('stg_clover__customers') }}
