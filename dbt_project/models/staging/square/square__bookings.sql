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
    status = 'NO_SHOW' as is_no_show
from {{ staged('stg_square__bookings') }}
