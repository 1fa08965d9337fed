with

stores as (
    select * from {{ ref('int_stores__matched') }}
),

entries as (
    select * from {{ ref('int_orders__entries') }}
),

orders as (
    select * from {{ ref('int_orders__all') }}
),

door_days as (
    select * from {{ ref('int_stores__door_days') }}
),

visits as (
    select * from {{ ref('int_stores__visits') }}
),

dated as (
    select
        booked_store_id as store_id,
        booked_date as business_date
    from entries
    union
    select
        sold_store_id as store_id,
        order_date as business_date
    from orders
    union
    select
        pickup_store_id as store_id,
        order_date as business_date
    from orders
    union
    select
        store_id,
        door_date as business_date
    from door_days
    union
    select
        store_id,
        visit_date as business_date
    from visits
)

select distinct
    stores.country_code,
    stores.region_code,
    cast(extract(year from dated.business_date) as integer) as calendar_year
from dated
inner join stores
    on dated.store_id = stores.store_id
where
    stores.country_code is not null
    -- A wrong date may be of a year that no calendar has.
    and extract(year from dated.business_date) between 1 and 9999
