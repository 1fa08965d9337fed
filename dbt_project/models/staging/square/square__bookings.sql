{{ config(materialized='view') }}

select
    connection,
    'square' as source_system,
    _load_id,
    square_booking_id as booking_id,
    {{ record_key('customer', 'square_customer_id') }} as record_key,
    'till' as location_kind,
    square_location_id as location_id,
    created_at as booked_at,
    starts_at,
    status in ('DECLINED', 'CANCELLED_BY_CUSTOMER', 'CANCELLED_BY_SELLER') as is_cancelled,
    status = 'NO_SHOW' as is_no_show,
    'appointment' as booking_kind,
    {{ as_text('null') }} as booking_source,
    case when status = 'NO_SHOW' then false end as has_come,
    cast(null as timestamp) as ends_at,
    cast(null as bigint) as party_size,
    {{ as_text('null') }} as currency_code,
    cast(null as bigint) as amount_minor
from {{ staged('stg_square__bookings') }}
