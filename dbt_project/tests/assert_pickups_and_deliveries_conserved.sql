-- Orders to be picked up are those of the ledger, deliveries those of the contract; a sale is bought along once.
with

counted as (
    select
        (select count(*) from {{ ref('fct_bopis') }}) as told_pickups,
        (select count(*) from {{ ref('fct_orders') }} where order_channel = 'bopis') as stated_pickups,
        (select count(*) from {{ ref('fct_bopis') }} where is_sale) as told_sales,
        (select count(*) from {{ ref('fct_orders') }} where order_channel = 'bopis' and is_sale) as stated_sales,
        (select count(*) from {{ ref('fct_deliveries') }}) as told_deliveries,
        (
            select count(*)
            from {{ ref('fulfilments') }} as fulfilments
            inner join {{ ref('fct_orders') }} as orders
                on
                    fulfilments.connection = orders.connection
                    and fulfilments.source_order_id = orders.source_order_id
            where fulfilments.fulfilment_kind = 'ship'
        ) as stated_deliveries,
        (select coalesce(sum(cross_sell_order_count), 0) from {{ ref('fct_bopis') }}) as told_along,
        (
            select count(distinct orders.order_id)
            from {{ ref('fct_orders') }} as orders
            inner join {{ ref('fct_bopis') }} as bopis
                on orders.customer_id = bopis.customer_id and orders.sold_store_id = bopis.store_id
            where
                orders.order_channel = 'till'
                and orders.is_sale
                and bopis.pickup_status = 'picked_up'
                and {{ seconds_between('bopis.picked_up_at', 'orders.ordered_at') }}
                between -3600 * {{ var('pickup_sale_hours') }} and 3600 * {{ var('pickup_sale_hours') }}
        ) as stated_along
)

select *
from counted
where
    told_pickups <> stated_pickups
    or told_sales <> stated_sales
    or told_deliveries <> stated_deliveries
    or told_along <> stated_along
