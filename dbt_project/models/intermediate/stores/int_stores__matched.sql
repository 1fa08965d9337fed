with

locations as (
    select * from {{ ref('int_stores__locations') }}
    where store_id is not null
),

-- Of the locations of a store that a system lists, one that is open stands for it, the newest, the smallest id.
one_per_kind as (
    select * from (
        select
            *,
            row_number() over (
                partition by location_kind, store_id
                order by coalesce(is_open, true) desc, valid_from desc, location_id asc, connection asc
            ) as place
        from locations
    ) as numbered
    where place = 1
),

tills as (
    select * from one_per_kind
    where location_kind = 'till'
),

web_shops as (
    select * from one_per_kind
    where location_kind = 'web_shop'
),

counters as (
    select * from one_per_kind
    where location_kind = 'counter'
),

beacons as (
    select * from one_per_kind
    where location_kind = 'beacon'
),

store_ids as (
    select
        store_id,
        count_if(is_open) > 0 or count(is_open) = 0 as is_open
    from locations
    group by store_id
),

matched as (
    select
        store_ids.store_id,
        store_ids.is_open,
        coalesce(tills.location_name, web_shops.location_name, counters.location_name) as store_name,
        coalesce(tills.city, web_shops.city) as city,
        coalesce(tills.region_code, web_shops.region_code) as region_code,
        coalesce(tills.country_code, web_shops.country_code) as country_code,
        coalesce(tills.time_zone, '{{ var("reporting_time_zone") }}') as time_zone,
        tills.currency_code,
        tills.location_id as till_location_id,
        web_shops.location_id as web_location_id,
        counters.location_id as counter_serial,
        tills.store_id is not null as is_known_to_tills,
        web_shops.store_id is not null as is_known_to_web_shop,
        counters.store_id is not null as is_known_to_counters,
        beacons.store_id is not null as is_known_to_beacons
    from store_ids
    left join tills
        on store_ids.store_id = tills.store_id
    left join web_shops
        on store_ids.store_id = web_shops.store_id
    left join counters
        on store_ids.store_id = counters.store_id
    left join beacons
        on store_ids.store_id = beacons.store_id
)

select * from matched
