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
    store_id,
    ordered_at,
    order_date,
    time_zone,
    currency_code,
    subtotal_minor,
    discount_minor,
    shipping_minor,
    tax_minor,
    total_minor,
    refunded_minor,
    net_minor,
    total_reporting_minor,
    refunded_reporting_minor,
    net_reporting_minor,
    item_count,
    coupon_code,
    is_cancelled,
    is_returned
from orders
