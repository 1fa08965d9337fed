{{ config(materialized='view') }}

with

customers as (
    select * from {{ staged('stg_square__customers') }}
),

loyalty_accounts as (
    select * from {{ staged('stg_square__loyalty_accounts') }}
)

select
    connection,
    'square' as source_system,
    _load_id,
    'customer' as record_kind,
    square_customer_id as record_id,
    'store' as known_in,
    not is_deleted as is_active,
    cast(null as boolean) as is_email_subscribed,
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
from customers
union all
select
    connection,
    'square' as source_system,
    _load_id,
    'loyalty_account' as record_kind,
    loyalty_account_id as record_id,
    'store' as known_in,
    true as is_active,
    cast(null as boolean) as is_email_subscribed,
    updated_at,
    {{ as_text('null') }} as email,
    {{ as_text('null') }} as phone,
    {{ as_text('null') }} as first_name,
    {{ as_text('null') }} as last_name,
    cast(null as date) as birth_date,
    {{ as_text('null') }} as street,
    {{ as_text('null') }} as city,
    {{ as_text('null') }} as postal_code,
    {{ as_text('null') }} as country_code
from loyalty_accounts
