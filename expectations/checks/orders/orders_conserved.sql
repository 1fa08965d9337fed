with both_sides as (
    select
        connection,
        coalesce(currency_code, 'unknown currency') as currency_code,
        1 as n,
        coalesce(total_minor + gift_card_minor, 0) as money,
        0 as mart_n,
        0 as mart_money
    from conformed.orders
    union all
    select
        connection,
        coalesce(currency_code, 'unknown currency') as currency_code,
        0 as n,
        0 as money,
        1 as mart_n,
        coalesce(total_minor + gift_card_minor, 0) as mart_money
    from marts.fct_orders
),

summed as (
    select
        connection,
        currency_code,
        sum(n) as n,
        sum(money) as money,
        sum(mart_n) as mart_n,
        sum(mart_money) as mart_money
    from both_sides
    group by connection, currency_code
)

select
    connection || ' · ' || currency_code as place,
    null as day,
    'orders' as unit,
    n as left_total,
    mart_n as right_total,
    0 as tolerance,
    null as ids
from summed
union all
select
    connection as place,
    null as day,
    currency_code as unit,
    money as left_total,
    mart_money as right_total,
    0 as tolerance,
    null as ids
from summed
