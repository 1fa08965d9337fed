with

bookings as (
    select * from {{ ref('bookings') }}
    where not is_cancelled
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
)

select
    concat('booking:', bookings.booking_id) as booking_id,
    bookings.source_system,
    persons.customer_id,
    bookings.store_id,
    bookings.booked_at,
    bookings.starts_at,
    coalesce(stores.currency_code, '{{ var("reporting_currency") }}') as currency_code,
    bookings.is_no_show
from bookings
left join stores
    on bookings.store_id = stores.store_id
left join persons
    on
        bookings.record_type = persons.record_type
        and bookings.record_id = persons.record_id
