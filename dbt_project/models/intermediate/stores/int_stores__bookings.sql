with

bookings as (
    select * from {{ ref('int_stores__all_bookings') }}
)

select
    booking_id,
    connection,
    source_system,
    customer_id,
    store_id,
    booked_at,
    starts_at,
    currency_code,
    booking_kind,
    is_no_show,
    has_taken_place
from bookings
where not is_cancelled
