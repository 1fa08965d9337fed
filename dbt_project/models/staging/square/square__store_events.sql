{{ config(materialized='view') }}

-- Square tells of a kiosk what was bought there, and of no loyalty account that it was only shown.
select
    connection,
    'square' as source_system,
    _load_id,
    square_order_id as event_id,
    'kiosk_session' as event_kind,
    {{ record_key('customer', 'square_customer_id') }} as record_key,
    'till' as location_kind,
    square_location_id as location_id,
    {{ as_text('null') }} as subject,
    square_order_id as source_order_id,
    created_at as started_at,
    closed_at as ended_at
from {{ staged('stg_square__orders') }}
where
    lower(source_name) like '%kiosk%'
    and not has_returns
