with

bookings as (
    select * from {{ ref('stg_square__bookings') }}
),

locations as (
    select * from {{ ref('stg_square__locations') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
    where record_type = 'square_customer'
)

select
    concat('booking:', bookings.square_booking_id) as booking_id,
    persons.customer_id,
    case
        when bookings.square_location_id is not null
            then coalesce(locations.store_code, concat('square:', bookings.square_location_id))
    end as store_id,
    bookings.created_at as booked_at,
    bookings.starts_at,
    coalesce(locations.currency_code, '{{ var("reporting_currency") }}') as currency_code,
    bookings.status = 'NO_SHOW' as is_no_show
from bookings
left join locations
    on bookings.square_location_id = locations.square_location_id
left join persons
    on bookings.square_customer_id = persons.record_id
where bookings.status not in ('DECLINED', 'CANCELLED_BY_CUSTOMER', 'CANCELLED_BY_SELLER')
