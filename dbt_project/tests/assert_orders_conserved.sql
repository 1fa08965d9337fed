-- Per connection and currency, orders and money in the mart are those of the contract: nothing is lost, nothing
-- counted twice on the way. That each source's mapping loses nothing is that source's own test.
with

conformed as (
    select
        connection,
        coalesce(currency_code, '?') as currency_code,
        count(*) as order_count,
        sum(total_minor) as total_minor,
        sum(refunded_minor) as refunded_minor
    from {{ ref('orders') }}
    group by connection, coalesce(currency_code, '?')
),

mart as (
    select
        connection,
        coalesce(currency_code, '?') as currency_code,
        count(*) as order_count,
        sum(total_minor) as total_minor,
        sum(refunded_minor) as refunded_minor
    from {{ ref('fct_orders') }}
    group by connection, coalesce(currency_code, '?')
)

select
    coalesce(conformed.connection, mart.connection) as connection,
    coalesce(conformed.currency_code, mart.currency_code) as currency_code,
    conformed.order_count as conformed_order_count,
    mart.order_count as mart_order_count,
    conformed.total_minor as conformed_total_minor,
    mart.total_minor as mart_total_minor,
    conformed.refunded_minor as conformed_refunded_minor,
    mart.refunded_minor as mart_refunded_minor
from conformed
full outer join mart
    on
        conformed.connection = mart.connection
        and conformed.currency_code = mart.currency_code
where
    coalesce(conformed.order_count, 0) <> coalesce(mart.order_count, 0)
    or coalesce(conformed.total_minor, 0) <> coalesce(mart.total_minor, 0)
    or coalesce(conformed.refunded_minor, 0) <> coalesce(mart.refunded_minor, 0)
