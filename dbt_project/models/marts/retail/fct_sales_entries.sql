with

entries as (
    select * from {{ ref('int_orders__entries') }}
)

select
    entry_id,
    entry_kind,
    order_id,
    refund_key,
    connection,
    source_system,
    order_channel,
    store_id,
    order_date,
    booked_store_id,
    booked_at,
    booked_date,
    currency_code,
    goods_minor,
    discount_minor,
    shipping_minor,
    tax_minor,
    service_minor,
    tip_minor,
    gift_card_minor,
    net_sales_minor,
    revenue_minor,
    net_sales_reporting_minor,
    revenue_reporting_minor,
    {{ reporting_amount('net_sales_reporting_minor') }} as net_sales_amount,
    {{ reporting_amount('revenue_reporting_minor') }} as revenue_amount
from entries
