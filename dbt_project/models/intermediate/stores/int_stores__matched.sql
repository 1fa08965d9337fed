with

square_locations as (
    select * from {{ ref('stg_square__locations') }}
),

shopify_locations as (
    select * from {{ ref('stg_shopify__locations') }}
),

counters as (
    select * from {{ ref('stg_store_sensors__counters') }}
),

pings as (
    select * from {{ ref('stg_store_sensors__pings') }}
),

-- A till location without a code still sells: it is a store under its own id.
tills as (
    select
        coalesce(store_code, concat('square:', square_location_id)) as store_id,
        *
    from square_locations
),

-- The smallest id stands for a store that a system lists twice.
one_per_till as (
    select * from (
        select
            *,
            row_number() over (partition by store_id order by square_location_id) as place
        from tills
    ) as numbered
    where place = 1
),

one_per_shopify as (
    select * from (
        select
            *,
            row_number() over (partition by store_code order by shopify_location_id) as place
        from shopify_locations
        where store_code is not null
    ) as numbered
    where place = 1
),

one_per_counter as (
    select * from (
        select
            *,
            row_number() over (partition by store_code order by counter_serial) as place
        from counters
        where store_code is not null
    ) as numbered
    where place = 1
),

beacons as (
    select
        store_code,
        min(beacon_id) as beacon_id
    from pings
    where store_code is not null
    group by store_code
),

store_ids as (
    select store_id from one_per_till
    union
    select store_code as store_id from one_per_shopify
    union
    select store_code as store_id from one_per_counter
    union
    select store_code as store_id from beacons
),

matched as (
    select
        store_ids.store_id,
        coalesce(
            one_per_till.location_name, one_per_shopify.location_name, one_per_counter.counter_name
        ) as store_name,
        coalesce(one_per_till.city, one_per_shopify.city) as city,
        coalesce(one_per_till.region_code, one_per_shopify.region_code) as region_code,
        coalesce(one_per_till.country_code, one_per_shopify.country_code) as country_code,
        coalesce(one_per_till.time_zone, '{{ var("reporting_time_zone") }}') as time_zone,
        one_per_till.currency_code,
        one_per_till.square_location_id,
        one_per_shopify.shopify_location_id,
        one_per_counter.counter_serial,
        one_per_till.store_id is not null as is_known_to_square,
        one_per_shopify.store_code is not null as is_known_to_shopify,
        one_per_counter.store_code is not null as is_known_to_counters,
        beacons.store_code is not null as is_known_to_beacons
    from store_ids
    left join one_per_till
        on store_ids.store_id = one_per_till.store_id
    left join one_per_shopify
        on store_ids.store_id = one_per_shopify.store_code
    left join one_per_counter
        on store_ids.store_id = one_per_counter.store_code
    left join beacons
        on store_ids.store_id = beacons.store_code
)

select * from matched
