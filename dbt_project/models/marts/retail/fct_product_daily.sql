with

lines as (
    select * from {{ ref('int_orders__lines') }}
    where is_sale and line_kind <> 'gift_card'
),

products as (
    select * from {{ ref('int_products__matched') }}
    where is_main
),

summed as (
    select
        product_code,
        order_channel,
        store_id,
        order_date,
        max(product_name) as told_name,
        count(*) as line_count,
        sum(quantity) as sold_quantity,
        sum(quantity - current_quantity) as returned_quantity,
        sum(net_sales_reporting_minor) as net_sales_reporting_minor,
        sum(discount_reporting_minor) as discount_reporting_minor,
        sum(tax_reporting_minor) as tax_reporting_minor,
        sum(net_sales_reporting_minor - current_net_sales_reporting_minor) as returned_reporting_minor
    from lines
    group by product_code, order_channel, store_id, order_date
)

select
    {{ hash_key(['summed.product_code', 'summed.order_channel', 'summed.store_id', 'summed.order_date']) }}
        as product_daily_id,
    products.product_key as product_id,
    summed.product_code,
    coalesce(products.product_name, summed.told_name) as product_name,
    products.category,
    summed.order_channel,
    summed.store_id,
    summed.order_date,
    summed.line_count,
    cast(summed.sold_quantity as decimal(18, 5)) as sold_quantity,
    cast(summed.returned_quantity as decimal(18, 5)) as returned_quantity,
    cast(summed.net_sales_reporting_minor as bigint) as net_sales_reporting_minor,
    cast(summed.discount_reporting_minor as bigint) as discount_reporting_minor,
    cast(summed.tax_reporting_minor as bigint) as tax_reporting_minor,
    cast(summed.returned_reporting_minor as bigint) as returned_reporting_minor,
    {{ reporting_amount('summed.net_sales_reporting_minor') }} as net_sales_amount,
    {{ reporting_amount('summed.discount_reporting_minor') }} as discount_amount,
    {{ reporting_amount('summed.tax_reporting_minor') }} as tax_amount,
    {{ reporting_amount('summed.returned_reporting_minor') }} as returned_amount
from summed
left join products
    on summed.product_code = products.product_code
