with

orders as (
    select * from {{ ref('int_orders__priced') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

refunds as (
    select
        order_id,
        sum(refunded_minor) as refunded_minor,
        sum(goods_minor) as goods_minor,
        sum(goods_reporting_minor) as goods_reporting_minor,
        sum(revenue_minor) as revenue_minor,
        sum(revenue_reporting_minor) as revenue_reporting_minor
    from {{ ref('int_orders__refunds') }}
    where order_id is not null
    group by order_id
),

joined as (
    select
        orders.*,
        persons.customer_id,
        coalesce(refunds.refunded_minor, 0) as refunded_minor,
        coalesce(refunds.goods_minor, 0) as refunded_goods_minor,
        coalesce(refunds.goods_reporting_minor, 0) as refunded_goods_reporting_minor,
        coalesce(refunds.revenue_minor, 0) as refunded_revenue_minor,
        coalesce(refunds.revenue_reporting_minor, 0) as refunded_revenue_reporting_minor
    from orders
    left join persons
        on {{ record_key('order', 'orders.source_order_id', 'orders.connection') }} = persons.record_key
    left join refunds
        on orders.order_id = refunds.order_id
)

select
    order_id,
    order_channel,
    connection,
    source_system,
    {{ record_key('order', 'source_order_id') }} as record_key,
    source_order_id,
    order_name,
    order_status,
    is_sale,
    store_id,
    sold_store_id,
    pickup_store_id,
    order_region_code as region_code,
    ordered_at,
    time_zone,
    order_date,
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
    has_taxes_included,
    cast(refunded_minor as bigint) as refunded_minor,
    case when is_sale then sold_minor else 0 end as sold_minor,
    cast(case when is_sale then sold_minor - refunded_revenue_minor else 0 end as bigint) as net_minor,
    cast(case when is_sale then net_sales_minor - refunded_goods_minor else 0 end as bigint) as net_sales_minor,
    case when is_sale then sold_reporting_minor else 0 end as sold_reporting_minor,
    cast(case when is_sale then refunded_revenue_reporting_minor else 0 end as bigint) as refunded_reporting_minor,
    cast(case when is_sale then sold_reporting_minor - refunded_revenue_reporting_minor else 0 end as bigint)
        as net_reporting_minor,
    cast(case when is_sale then net_sales_reporting_minor - refunded_goods_reporting_minor else 0 end as bigint)
        as net_sales_reporting_minor,
    discount_reporting_minor,
    item_count,
    case
        when is_sale and customer_id is not null
            then cast(row_number() over (partition by customer_id, is_sale order by ordered_at, order_id) as bigint)
    end as customer_order_number,
    coupon_code,
    order_status in ('cancelled', 'void', 'deleted') as is_cancelled,
    refunded_minor > 0 as is_returned,
    has_analytics_consent,
    customer_id
from joined
