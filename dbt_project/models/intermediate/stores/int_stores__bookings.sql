with

bookings as (
    select * from {{ ref('bookings') }}
    where not is_cancelled
),

locations as (
    select * from {{ ref('int_stores__locations') }}
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
)

select
    concat('booking:', bookings.connection, ':', bookings.booking_id) as booking_id,
    bookings.connection,
    bookings.source_system,
    persons.customer_id,
    locations.store_id,
    bookings.booked_at,
    bookings.starts_at,
    coalesce(stores.currency_code, '{{ var("reporting_currency") }}') as currency_code,
    bookings.is_no_show
from bookings
left join locations
    on
        {{ at_location('bookings', 'bookings.starts_at') }}
left join stores
    on locations.store_id = stores.store_id
left join persons
    on bookings.record_key = persons.record_key
