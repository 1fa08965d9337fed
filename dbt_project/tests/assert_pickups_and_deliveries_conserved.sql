-- Orders to be picked up are those of the ledger, deliveries those of the contract; a sale is bought along once.
with

orders as (
    select * from {{ ref('fct_orders') }}
),

pickups as (
    select * from {{ ref('fct_bopis') }}
),

ordered as (
    select
        count(*) as orders,
        coalesce(sum(case when is_sale then 1 else 0 end), 0) as sales
    from orders
    where order_channel = 'bopis'
),

fetched as (
    select
        count(*) as orders,
        coalesce(sum(case when is_sale then 1 else 0 end), 0) as sales,
        coalesce(sum(cross_sell_order_count), 0) as bought_along
    from pickups
),

sent as (
    select count(*) as deliveries
    from {{ ref('fulfilments') }} as fulfilments
    inner join orders
        on
            fulfilments.connection = orders.connection
            and fulfilments.source_order_id = orders.source_order_id
    where fulfilments.fulfilment_kind = 'ship'
),

delivered as (
    select count(*) as deliveries
    from {{ ref('fct_deliveries') }}
),

along as (
    select count(distinct orders.order_id) as sales
    from orders
    inner join pickups
        on
            orders.customer_id = pickups.customer_id
            and orders.sold_store_id = pickups.store_id
            and {{ seconds_between('pickups.picked_up_at', 'orders.ordered_at') }}
            between -3600 * {{ var('pickup_sale_hours') }} and 3600 * {{ var('pickup_sale_hours') }}
    where orders.order_channel = 'till' and orders.is_sale and pickups.pickup_status = 'picked_up'
)

select
    ordered.orders,
    fetched.orders as fetched_orders,
    ordered.sales,
    fetched.sales as fetched_sales,
    sent.deliveries,
    delivered.deliveries as told_deliveries,
    along.sales as sales_along,
    fetched.bought_along
from ordered
cross join fetched
cross join sent
cross join delivered
cross join along
where
    ordered.orders <> fetched.orders
    or ordered.sales <> fetched.sales
    or sent.deliveries <> delivered.deliveries
    or along.sales <> fetched.bought_along
