with

refunds as (
    select * from {{ ref('int_orders__refunds') }}
),

told as (
    select * from {{ ref('refunds') }}
),

-- Each part is what the parts up to it come to, less those before it: so they sum to the revenue.
worth as (
    select
        *,
        {{ at_rate_of('(goods_minor + shipping_minor)', 'revenue_minor', 'revenue_reporting_minor', 'minor_rate') }}
            as until_shipping,
        {{ at_rate_of(
            '(goods_minor + shipping_minor + tax_minor)', 'revenue_minor', 'revenue_reporting_minor', 'minor_rate'
        ) }} as until_tax
    from refunds
)

select
    worth.refund_key as refund_id,
    worth.connection,
    worth.source_system,
    worth.order_id,
    worth.order_channel,
    worth.store_id,
    worth.order_date,
    worth.returned_store_id,
    worth.refunded_at,
    worth.refund_date,
    worth.time_zone,
    cast({{ day_number('worth.refund_date') }} - {{ day_number('worth.order_date') }} as integer)
        as days_since_order,
    told.refund_status,
    worth.is_of_sale,
    worth.currency_code,
    worth.refunded_minor,
    worth.goods_minor,
    worth.shipping_minor,
    worth.tax_minor,
    worth.service_minor,
    worth.tip_minor,
    worth.gift_card_minor,
    worth.revenue_minor,
    worth.goods_reporting_minor,
    cast(worth.until_shipping - worth.goods_reporting_minor as bigint) as shipping_reporting_minor,
    cast(worth.until_tax - worth.until_shipping as bigint) as tax_reporting_minor,
    cast(worth.revenue_reporting_minor - worth.until_tax as bigint) as service_reporting_minor,
    worth.revenue_reporting_minor,
    {{ reporting_amount('worth.goods_reporting_minor') }} as goods_amount,
    {{ reporting_amount('worth.until_shipping - worth.goods_reporting_minor') }} as shipping_amount,
    {{ reporting_amount('worth.until_tax - worth.until_shipping') }} as tax_amount,
    {{ reporting_amount('worth.revenue_reporting_minor - worth.until_tax') }} as service_amount,
    {{ reporting_amount('worth.revenue_reporting_minor') }} as revenue_amount
from worth
inner join told
    on worth.connection = told.connection and worth.refund_id = told.refund_id
