with

orders as (
    select * from {{ ref('int_orders__all') }}
),

firsts as (
    select * from {{ ref('int_orders__all') }}
    where customer_order_number = 1
)

select
    orders.order_id,
    orders.order_channel,
    orders.connection,
    orders.source_system,
    orders.source_order_id,
    orders.order_name,
    orders.customer_id,
    orders.order_status,
    orders.is_sale,
    orders.store_id,
    orders.sold_store_id,
    orders.pickup_store_id,
    orders.ordered_at,
    orders.order_date,
    orders.time_zone,
    orders.cancelled_at,
    orders.currency_code,
    orders.goods_minor,
    orders.discount_minor,
    orders.shipping_minor,
    orders.tax_minor,
    orders.tip_minor,
    orders.service_minor,
    orders.total_minor,
    orders.gift_card_minor,
    orders.due_minor,
    orders.refunded_minor,
    orders.sold_minor,
    orders.net_minor,
    orders.net_sales_minor,
    orders.sold_reporting_minor,
    orders.refunded_reporting_minor,
    orders.net_reporting_minor,
    orders.net_sales_reporting_minor,
    orders.discount_reporting_minor,
    {{ reporting_amount('orders.sold_reporting_minor') }} as sold_amount,
    {{ reporting_amount('orders.net_reporting_minor') }} as revenue_amount,
    {{ reporting_amount('orders.net_sales_reporting_minor') }} as net_sales_amount,
    {{ reporting_amount('orders.refunded_reporting_minor') }} as refunded_amount,
    {{ reporting_amount('orders.discount_reporting_minor') }} as discount_amount,
    orders.item_count,
    orders.customer_order_number,
    orders.customer_order_number = 1 as is_first_order,
    case
        when orders.customer_order_number is not null
            then date_trunc('month', orders.order_date) = date_trunc('month', firsts.order_date)
    end as is_new_customer,
    case when orders.customer_order_number is not null then firsts.order_channel end as first_purchase_channel,
    orders.coupon_code,
    orders.is_cancelled,
    orders.is_returned
from orders
left join firsts
    on orders.customer_id = firsts.customer_id
