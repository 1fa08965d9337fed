{{ config(materialized='view') }}

with

lines as (
    select
        lines.*,
        items.sku,
        orders.tax_minor as order_tax_minor,
        -- By what the rates come to; by price where no line has a rate.
        case
            when sum(lines.listed_tax_minor) over (partition by lines.connection, lines.clover_order_id) > 0
                then lines.listed_tax_minor
            else greatest(lines.net_minor, 0)
        end as tax_weight
    from {{ ref('base_clover__lines') }} as lines
    inner join {{ ref('clover__orders') }} as orders
        on lines.connection = orders.connection and lines.clover_order_id = orders.source_order_id
    left join {{ staged('stg_clover__items') }} as items
        on lines.connection = items.connection and lines.clover_item_id = items.clover_item_id
    -- A fee is the order's, and no line of what was sold.
    where not lines.is_order_fee
),

weighted as (
    select
        *,
        cast(sum(tax_weight) over (partition by connection, clover_order_id) as bigint) as order_weight,
        cast(sum(tax_weight) over (
            partition by connection, clover_order_id
            order by line_id
            rows between unbounded preceding and current row
        ) as bigint) as weight_so_far
    from lines
),

taxed as (
    select
        *,
        case
            when order_weight > 0
                then cast(
                    {{ divide_rounded('order_tax_minor', 'weight_so_far', 'order_weight') }}
                    - {{ divide_rounded('order_tax_minor', '(weight_so_far - tax_weight)', 'order_weight') }} as bigint
                )
            else cast(0 as bigint)
        end as tax_minor
    from weighted
),

netted as (
    select
        *,
        case
            when has_taxes_included then {{ without_tax('discount_minor', 'tax_minor', 'net_minor') }}
            else discount_minor
        end as net_discount_minor
    from taxed
)

select
    connection,
    'clover' as source_system,
    _load_id,
    clover_order_id as source_order_id,
    line_id,
    case
        when is_gift_card then 'gift_card'
        when clover_item_id is null then 'custom'
        else 'goods'
    end as line_kind,
    coalesce(sku, clover_item_id) as product_code,
    line_name as product_name,
    quantity,
    case when is_refunded then cast(0 as decimal(18, 5)) else quantity end as current_quantity,
    currency_code,
    net_minor - case when has_taxes_included then tax_minor else 0 end + net_discount_minor as goods_minor,
    net_discount_minor as discount_minor,
    tax_minor
from netted
