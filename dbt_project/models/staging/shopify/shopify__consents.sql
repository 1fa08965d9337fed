{{ config(materialized='view') }}

with

customers as (
    select * from {{ staged('stg_shopify__customers') }}
    where not is_deleted
),

asked as (
    select
        connection,
        _load_id,
        shopify_customer_id,
        'email_marketing' as purpose,
        email_marketing_state as marketing_state,
        email_opt_in_level as opt_in_level,
        email_marketing_updated_at as changed_at
    from customers
    where email is not null
    union all
    select
        connection,
        _load_id,
        shopify_customer_id,
        'sms_marketing' as purpose,
        sms_marketing_state as marketing_state,
        sms_opt_in_level as opt_in_level,
        cast(null as timestamp) as changed_at
    from customers
    where phone is not null
)

select
    connection,
    'shopify' as source_system,
    _load_id,
    'customer' as record_kind,
    shopify_customer_id as record_id,
    purpose,
    case
        when marketing_state = 'SUBSCRIBED' then 'granted'
        when marketing_state = 'PENDING' then 'pending'
        when marketing_state in ('UNSUBSCRIBED', 'REDACTED') then 'withdrawn'
        else 'unknown'
    end as consent_status,
    case
        when marketing_state = 'SUBSCRIBED' and opt_in_level = 'CONFIRMED_OPT_IN' then true
        when marketing_state = 'SUBSCRIBED' and opt_in_level = 'SINGLE_OPT_IN' then false
    end as is_confirmed,
    changed_at
from asked
