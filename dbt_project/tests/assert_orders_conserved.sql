-- Per connection and currency, orders, money and refunds in the marts are those of the contracts: nothing is lost,
-- nothing counted twice on the way. That each source's mapping loses nothing is that source's own test.
with

both_sides as (
    select
        connection,
        coalesce(currency_code, '?') as currency_code,
        1 as order_count,
        total_minor + gift_card_minor as money,
        0 as refunded_minor
    from {{ ref('orders') }}
    union all
    select
        connection,
        coalesce(currency_code, '?') as currency_code,
        0 as order_count,
        0 as money,
        refunded_minor
    from {{ ref('refunds') }}
    where refund_status <> 'failed'
    union all
    select
        connection,
        coalesce(currency_code, '?') as currency_code,
        -1 as order_count,
        -total_minor - gift_card_minor as money,
        -refunded_minor as refunded_minor
    from {{ ref('fct_orders') }}
    union all
    -- A refund whose sale nobody knows is of no order.
    select
        connection,
        coalesce(currency_code, '?') as currency_code,
        0 as order_count,
        0 as money,
        -refunded_minor as refunded_minor
    from {{ ref('int_orders__refunds') }}
    where order_id is null
)

select
    connection,
    currency_code,
    sum(order_count) as order_count,
    sum(money) as money,
    sum(refunded_minor) as refunded_minor
from both_sides
group by connection, currency_code
having sum(order_count) <> 0 or sum(money) <> 0 or sum(refunded_minor) <> 0
