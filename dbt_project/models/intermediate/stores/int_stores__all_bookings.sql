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
    bookings.ends_at,
    coalesce(stores.time_zone, '{{ var("reporting_time_zone") }}') as time_zone,
    coalesce(stores.currency_code, '{{ var("reporting_currency") }}') as currency_code,
    bookings.booking_kind,
    bookings.booking_source,
    bookings.party_size,
    bookings.currency_code as agreed_currency_code,
    bookings.amount_minor as agreed_minor,
    coalesce(bookings.is_cancelled, false) as is_cancelled,
    bookings.is_no_show,
    bookings.has_come,
    coalesce(bookings.starts_at <= bookings.known_until, false) as has_begun,
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
