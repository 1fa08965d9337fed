with

lines as (
    select * from {{ ref('order_lines') }}
),

orders as (
    select * from {{ ref('int_orders__all') }}
)

select
    {{ hash_key(['lines.connection', 'lines.source_order_id', 'lines.line_id']) }} as order_line_id,
    orders.order_id,
    lines.connection,
    lines.source_system,
    orders.order_channel,
    orders.store_id,
    orders.order_date,
    orders.is_sale,
    lines.line_kind,
    lines.product_code,
    lines.product_name,
    lines.quantity,
    lines.current_quantity,
    lines.currency_code,
    lines.goods_minor,
    lines.discount_minor,
    lines.goods_minor - lines.discount_minor as net_sales_minor,
    lines.tax_minor
from lines
inner join orders
    on
        lines.connection = orders.connection
        and lines.source_order_id = orders.source_order_id
