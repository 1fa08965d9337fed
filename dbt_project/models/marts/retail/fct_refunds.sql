with

refunds as (
    select * from {{ ref('int_orders__refunds') }}
),

told as (
    select * from {{ ref('refunds') }}
)

select
    refunds.refund_key as refund_id,
    refunds.connection,
    refunds.source_system,
    refunds.order_id,
    refunds.order_channel,
    refunds.store_id,
    refunds.order_date,
    refunds.returned_store_id,
    refunds.refunded_at,
    refunds.refund_date,
    refunds.time_zone,
    cast({{ day_number('refunds.refund_date') }} - {{ day_number('refunds.order_date') }} as integer)
        as days_since_order,
    told.refund_status,
    refunds.is_of_sale,
    refunds.currency_code,
    refunds.refunded_minor,
    refunds.goods_minor,
    refunds.shipping_minor,
    refunds.tax_minor,
    refunds.service_minor,
    refunds.tip_minor,
    refunds.gift_card_minor,
    refunds.revenue_minor,
    refunds.goods_reporting_minor,
    refunds.revenue_reporting_minor,
    {{ reporting_amount('refunds.goods_reporting_minor') }} as goods_amount,
    {{ reporting_amount('refunds.revenue_reporting_minor') }} as revenue_amount
from refunds
inner join told
    on refunds.connection = told.connection and refunds.refund_id = told.refund_id
