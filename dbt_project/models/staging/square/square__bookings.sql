{{ config(materialized='view') }}

with

bookings as (
    select * from {{ ref('stg_square__bookings') }}
),

locations as (
    select * from {{ ref('stg_square__locations') }}
)

select
    'square' as source_system,
    bookings.square_booking_id as booking_id,
    'square_customer' as record_type,
    bookings.square_customer_id as record_id,
    case
        when bookings.square_location_id is not null
            then coalesce(locations.store_code, concat('square:', bookings.square_location_id))
    end as store_id,
    bookings.created_at as booked_at,
    bookings.starts_at,
    bookings.status in ('DECLINED', 'CANCELLED_BY_CUSTOMER', 'CANCELLED_BY_SELLER') as is_cancelled,
    bookings.status = 'NO_SHOW' as is_no_show
from bookings
left join locations
    on bookings.square_location_id = locations.square_location_id
