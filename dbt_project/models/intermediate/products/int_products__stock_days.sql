{#- What lies where at the end of each day: the newest reading goes on until the next. -#}
{%- set loaded_day = "concat(substring(newest_load_id, 1, 4), '-', substring(newest_load_id, 5, 2), '-', "
    ~ "substring(newest_load_id, 7, 2))" %}

with

told as (
    select
        *,
        coalesce(on_hand_quantity, available_quantity) as stock_quantity
    from {{ ref('inventory_levels') }}
    where is_tracked
),

newest_load as (
    select max(_load_id) as newest_load_id
    from told
),

loaded as (
    select coalesce({{ day('substring(newest_load_id, 1, 10)') }}, {{ day(loaded_day) }}) as loaded_date
    from newest_load
),

-- What was read after the newest load was read by a wrong clock; a day more, for the zones.
levels as (
    select told.*
    from told
    cross join loaded
    where
        told.stock_quantity is not null
        and coalesce(cast(told.observed_at as date) <= loaded.loaded_date + 1, true)
),

products as (
    select * from {{ ref('int_products__matched') }}
),

codes as (
    select * from {{ ref('int_products__codes') }}
),

locations as (
    select * from {{ ref('int_stores__locations') }}
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

placed as (
    select
        levels.connection,
        levels.location_kind,
        levels.location_id,
        levels.product_id,
        coalesce(products.product_code, codes.product_code, trim(levels.product_code)) as product_code,
        coalesce(locations.store_id, concat(levels.connection, ':', levels.location_id)) as place_id,
        locations.store_id,
        products.is_active,
        levels.observed_at,
        {{ local_date('levels.observed_at', "coalesce(stores.time_zone, '" ~ var('reporting_time_zone') ~ "')") }}
            as stock_date,
        levels.stock_quantity,
        levels.available_quantity
    from levels
    left join products
        on levels.connection = products.connection and levels.product_id = products.source_product_id
    left join codes
        on levels.connection = codes.connection and {{ same_code('levels.product_code') }} = codes.compared_code
    left join locations
        on {{ at_location('levels', 'levels.observed_at') }}
    left join stores
        on locations.store_id = stores.store_id
),

-- Two systems may count the same shelf: the till's count is the one that its sales go by.
counted_by as (
    select
        product_code,
        place_id,
        connection
    from (
        select
            product_code,
            place_id,
            connection,
            row_number() over (
                partition by product_code, place_id
                order by min(case when location_kind = 'till' then 0 else 1 end), connection
            ) as choice
        from placed
        group by product_code, place_id, connection
    ) as ranked
    where choice = 1
),

newest as (
    select max(stock_date) as last_date
    from placed
),

daily as (
    select
        placed.*,
        row_number() over (
            partition by
                placed.connection, placed.location_kind, placed.location_id, placed.product_id, placed.stock_date
            order by placed.observed_at desc
        ) as reading
    from placed
    inner join counted_by
        on
            placed.product_code = counted_by.product_code
            and placed.place_id = counted_by.place_id
            and placed.connection = counted_by.connection
),

lasting as (
    select
        *,
        coalesce(
            lead(stock_date) over (
                partition by connection, location_kind, location_id, product_id
                order by stock_date
            ),
            date '9999-12-31'
        ) as next_date
    from daily
    where reading = 1
),

within as (
    select
        lasting.product_code,
        lasting.place_id,
        lasting.store_id,
        lasting.is_active,
        lasting.stock_quantity,
        lasting.available_quantity,
        greatest(lasting.stock_date, newest.last_date - {{ (var('inventory_days') | int) - 1 }}) as from_date,
        least(lasting.next_date - 1, newest.last_date) as until_date
    from lasting
    cross join newest
),

dated as (
    select
        product_code,
        place_id,
        store_id,
        is_active,
        stock_quantity,
        available_quantity,
        {{ explode(days_from('from_date', 'until_date')) }} as stock_date
    from within
    where from_date <= until_date
)

select
    product_code,
    place_id,
    stock_date,
    max(store_id) as store_id,
    bool_or(is_active) as is_active,
    cast(sum(stock_quantity) as decimal(18, 5)) as on_hand_quantity,
    cast(sum(available_quantity) as decimal(18, 5)) as available_quantity
from dated
group by product_code, place_id, stock_date
