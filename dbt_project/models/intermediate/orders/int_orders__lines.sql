{#- In the reporting currency a line is what the lines up to it come to, less those before it: so they sum to exactly
    what the order does. -#}
{%- set parts = ['net_sales', 'discount', 'tax'] %}

with

lines as (
    select
        *,
        {{ same_code('product_code') }} as compared_code,
        goods_minor - discount_minor as net_sales_minor,
        line_kind = 'gift_card' as is_gift_card
    from {{ ref('order_lines') }}
),

orders as (
    select * from {{ ref('int_orders__priced') }}
),

codes as (
    select * from {{ ref('int_products__codes') }}
),

products as (
    select * from {{ ref('int_products__matched') }}
),

summed as (
    select
        lines.*,
        orders.order_id,
        orders.order_channel,
        orders.store_id,
        orders.order_region_code,
        orders.ordered_at,
        orders.order_date,
        orders.is_sale,
        orders.sold_minor,
        orders.sold_reporting_minor,
        orders.minor_rate,
        {%- for part in parts %}
        cast(coalesce(sum(lines.{{ part }}_minor) over until_it, 0) as bigint) as {{ part }}_so_far,
        cast(coalesce(sum(lines.{{ part }}_minor) over until_it, 0) - coalesce(lines.{{ part }}_minor, 0) as bigint)
            as {{ part }}_before,
        {%- endfor %}
        codes.product_key,
        coalesce(codes.product_code, nullif(trim(lines.product_code), '')) as matched_code,
        case when lines.compared_code is not null then codes.found end as product_found
    from lines
    inner join orders
        on
            lines.connection = orders.connection
            and lines.source_order_id = orders.source_order_id
    left join codes
        on
            lines.connection = codes.connection
            and lines.compared_code = codes.compared_code
    window until_it as (
        partition by orders.order_id, lines.is_gift_card
        order by lines.line_id
        rows between unbounded preceding and current row
    )
),

worth as (
    select
        {%- for part in parts %}
        {{ at_rate_of(part ~ '_so_far', 'sold_minor', 'sold_reporting_minor', 'minor_rate') }} as {{ part }}_until_it,
        {{ at_rate_of(part ~ '_before', 'sold_minor', 'sold_reporting_minor', 'minor_rate') }} as {{ part }}_before_it,
        {%- endfor %}
        *
    from summed
),

converted as (
    select
        {%- for part in parts %}
        case when {{ part }}_minor is not null then cast({{ part }}_until_it - {{ part }}_before_it as bigint) end
            as {{ part }}_reporting_minor,
        {%- endfor %}
        *
    from worth
)

select
    {{ hash_key(['converted.connection', 'converted.source_order_id', 'converted.line_id']) }} as order_line_id,
    converted.order_id,
    converted.connection,
    converted.source_system,
    converted.order_channel,
    converted.store_id,
    converted.order_region_code,
    converted.ordered_at,
    converted.order_date,
    converted.is_sale,
    converted.line_kind,
    converted.product_key,
    converted.matched_code as product_code,
    nullif(trim(converted.product_code), '') as told_code,
    converted.product_found,
    converted.product_name,
    products.category,
    converted.quantity,
    converted.current_quantity,
    converted.currency_code,
    converted.goods_minor,
    converted.discount_minor,
    converted.net_sales_minor,
    converted.tax_minor,
    converted.net_sales_reporting_minor,
    converted.discount_reporting_minor,
    converted.tax_reporting_minor,
    -- Of it, what was neither edited away nor given back.
    case
        when converted.current_quantity = converted.quantity or converted.quantity <= 0 then converted.net_sales_minor
        else {{ of_quantity('converted.net_sales_minor', 'converted.current_quantity', 'converted.quantity') }}
    end as current_net_sales_minor,
    case
        when converted.current_quantity = converted.quantity or converted.quantity <= 0
            then converted.net_sales_reporting_minor
        else {{ of_quantity(
            'converted.net_sales_reporting_minor', 'converted.current_quantity', 'converted.quantity'
        ) }}
    end as current_net_sales_reporting_minor
from converted
left join products
    on converted.product_key = products.product_key
