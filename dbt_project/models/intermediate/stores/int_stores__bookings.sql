with

bookings as (
    select
        *,
        -- Who made it last knows what day it is: what was to begin by then has begun.
        max(booked_at) over (partition by connection) as known_until
    from {{ ref('bookings') }}
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
    bookings.booking_kind,
    bookings.is_no_show,
    -- Where the source does not tell that they came, it tells who did not.
    not coalesce(bookings.is_no_show, false)
    and coalesce(bookings.has_come, bookings.starts_at <= bookings.known_until) as has_taken_place
from bookings
left join locations
    on
        {{ at_location('bookings', 'bookings.starts_at') }}
left join stores
    on locations.store_id = stores.store_id
left join persons
    on bookings.record_key = persons.record_key
where not coalesce(bookings.is_cancelled, false)
