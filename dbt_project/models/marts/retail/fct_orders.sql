with

orders as (
    select * from {{ ref('int_orders__all') }}
)

select
    order_id,
    order_channel,
    connection,
    source_system,
    source_order_id,
    order_name,
    customer_id,
    order_status,
    is_sale,
    store_id,
    sold_store_id,
    pickup_store_id,
    ordered_at,
    order_date,
    time_zone,
    cancelled_at,
    currency_code,
    goods_minor,
    discount_minor,
    shipping_minor,
    tax_minor,
    tip_minor,
    service_minor,
    total_minor,
    gift_card_minor,
    due_minor,
    refunded_minor,
    sold_minor,
    net_minor,
    net_sales_minor,
    sold_reporting_minor,
    refunded_reporting_minor,
    net_reporting_minor,
    net_sales_reporting_minor,
    item_count,
    customer_order_number,
    coupon_code,
    is_cancelled,
    is_returned
from orders
