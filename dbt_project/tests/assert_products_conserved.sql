-- What is told by product is what the lines tell, lines come to what their orders do where nothing was edited, and two
-- products are in no more orders than either.
with

lines as (
    select
        sum(quantity) as quantity,
        sum(net_sales_reporting_minor) as net_minor,
        sum(discount_reporting_minor) as discount_minor,
        sum(current_net_sales_reporting_minor) as current_minor
    from {{ ref('fct_order_lines') }}
    where is_sale and line_kind <> 'gift_card'
),

products as (
    select
        sum(sold_quantity) as quantity,
        sum(net_sales_reporting_minor) as net_minor,
        sum(discount_reporting_minor) as discount_minor,
        sum(net_sales_reporting_minor - returned_reporting_minor) as current_minor
    from {{ ref('fct_product_daily') }}
),

orders as (
    select * from {{ ref('int_orders__priced') }}
    where is_sale and order_status = 'placed'
),

by_order as (
    select
        order_id,
        sum(net_sales_minor) as net_sales_minor,
        sum(net_sales_reporting_minor) as net_reporting_minor
    from {{ ref('fct_order_lines') }}
    where line_kind <> 'gift_card'
    group by order_id
)

select
    'products' as place,
    products.net_minor as told_minor,
    lines.net_minor as right_minor
from products
cross join lines
where
    products.quantity <> lines.quantity
    or products.net_minor <> lines.net_minor
    or products.discount_minor <> lines.discount_minor
    or products.current_minor <> lines.current_minor
union all
select
    orders.order_id as place,
    by_order.net_reporting_minor as told_minor,
    orders.net_sales_reporting_minor as right_minor
from orders
inner join by_order
    on orders.order_id = by_order.order_id
where
    by_order.net_sales_minor = orders.net_sales_minor
    and by_order.net_reporting_minor <> orders.net_sales_reporting_minor
union all
select
    product_pair_id as place,
    pair_order_count as told_minor,
    least(first_order_count, second_order_count, window_order_count) as right_minor
from {{ ref('rpt_product_pairs') }}
where
    pair_order_count > least(first_order_count, second_order_count)
    or greatest(first_order_count, second_order_count) > window_order_count
