with

lines as (
    select * from {{ ref('int_orders__lines') }}
)

select
    order_line_id,
    order_id,
    connection,
    source_system,
    order_channel,
    store_id,
    order_date,
    is_sale,
    line_kind,
    product_key as product_id,
    product_code,
    told_code as sku,
    product_found,
    product_name,
    category,
    quantity,
    current_quantity,
    currency_code,
    goods_minor,
    discount_minor,
    net_sales_minor,
    tax_minor,
    current_net_sales_minor,
    net_sales_reporting_minor,
    discount_reporting_minor,
    tax_reporting_minor,
    current_net_sales_reporting_minor,
    {{ reporting_amount('net_sales_reporting_minor') }} as net_sales_amount,
    {{ reporting_amount('discount_reporting_minor') }} as discount_amount,
    {{ reporting_amount('tax_reporting_minor') }} as tax_amount,
    {{ reporting_amount('current_net_sales_reporting_minor') }} as current_net_sales_amount
from lines
