with systems as (
    select
        'web shop' as place,
        currency_code,
        total_minor
    from staging.stg_shopify__orders
    union all
    -- What only takes something back is no order; an exchange is one.
    select
        'tills' as place,
        currency_code,
        total_minor
    from staging.stg_square__orders
    where returned_order_id is null or {{ list_length("line_items") }} > 0
),

mart as (
    select
        if(source_system = 'shopify', 'web shop', 'tills') as place,
        currency_code,
        total_minor
    from marts.fct_orders
),

both_sides as (
    select
        place,
        currency_code,
        count(*) as n,
        sum(total_minor) as money,
        0 as mart_n,
        0 as mart_money
    from systems
    group by place, currency_code
    union all
    select
        place,
        currency_code,
        0 as n,
        0 as money,
        count(*) as mart_n,
        sum(total_minor) as mart_money
    from mart
    group by place, currency_code
),

summed as (
    select
        place,
        currency_code,
        sum(n) as n,
        sum(money) as money,
        sum(mart_n) as mart_n,
        sum(mart_money) as mart_money
    from both_sides
    group by place, currency_code
)

select
    place || ' · ' || currency_code as place,
    null as day,
    'orders' as unit,
    n as left_total,
    mart_n as right_total,
    0 as tolerance,
    null as ids
from summed
union all
select
    place,
    null as day,
    currency_code as unit,
    money as left_total,
    mart_money as right_total,
    0 as tolerance,
    null as ids
from summed
