{{ config(materialized='view') }}

select
    connection,
    'square' as source_system,
    _load_id,
    'customer' as record_kind,
    square_customer_id as record_id,
    'email_marketing' as purpose,
    -- Who did not unsubscribe was not necessarily asked.
    case when is_email_unsubscribed then 'withdrawn' else 'unknown' end as consent_status,
    cast(null as boolean) as is_confirmed,
    cast(null as timestamp) as changed_at
from {{ staged('stg_square__customers') }}
where email is not null and not is_deleted
