{{ config(materialized='table') }}

-- Clover keeps prices, discounts and rates of a line, and no amounts. What they come to is reckoned as its tills do.
with

orders as (
    select
        connection,
        _load_id,
        clover_order_id,
        clover_merchant_id,
        currency_code,
        has_taxes_included,
        is_tax_removed,
        {{ sum_elements('discounts', "abs(try_cast(part.amount as decimal(28, 8)))") }} as discount_amount,
        {{ sum_elements('discounts', percent_of('part')) }} as discount_percent,
        {{ explode('line_items') }} as line_item
    from {{ staged('stg_clover__orders') }}
),

priced as (
    select
        *,
        line_item.id as line_id,
        -- Three digits behind the point, of what is sold by weight.
        cast(coalesce({{ whole('line_item.unitQty') }}, 1000) as decimal(18, 5)) / 1000 as quantity,
        cast(round(
            coalesce({{ minor('line_item.price') }}, 0)
            * cast(coalesce({{ whole('line_item.unitQty') }}, 1000) as decimal(18, 0)) / 1000
            + {{ sum_elements('line_item.modifications.elements', 'part.amount') }}
        ) as bigint) as charged_minor,
        {{ sum_elements('line_item.discounts.elements', "abs(try_cast(part.amount as decimal(28, 8)))") }}
            as line_discount_amount,
        {{ sum_elements('line_item.discounts.elements', percent_of('part')) }} as line_discount_percent,
        -- Of ten million parts.
        {{ sum_elements('line_item.taxRates.elements', 'part.rate') }} as tax_rate,
        {{ sum_elements('line_item.taxRates.elements', 'part.taxAmount') }} as tax_amount
    from orders
    -- Exchanged for another line, which is there, too.
    where not coalesce({{ flag('line_item.exchanged') }}, false)
),

discounted as (
    select
        *,
        least(
            greatest(charged_minor, 0),
            cast(round(greatest(charged_minor, 0) * line_discount_percent / 100 + line_discount_amount) as bigint)
        ) as line_discount_minor
    from priced
),

-- An order's discount is shared among its lines by what they cost: each has what the lines up to it have,
-- without what those before it have, so that not a cent is lost.
placed as (
    select
        *,
        cast(greatest(charged_minor, 0) - line_discount_minor as bigint) as listed_minor,
        cast(sum(greatest(charged_minor, 0) - line_discount_minor) over (
            partition by connection, clover_order_id
        ) as bigint) as order_listed_minor,
        cast(sum(greatest(charged_minor, 0) - line_discount_minor) over (
            partition by connection, clover_order_id
            order by line_id
            rows between unbounded preceding and current row
        ) as bigint) as listed_so_far_minor
    from discounted
),

ordered as (
    select
        *,
        listed_so_far_minor - listed_minor as listed_before_minor,
        least(
            order_listed_minor,
            cast(round(order_listed_minor * discount_percent / 100 + discount_amount) as bigint)
        ) as order_discount_minor
    from placed
),

shared as (
    select
        *,
        case
            when order_listed_minor > 0
                then cast(
                    {{ divide_rounded('order_discount_minor', 'listed_so_far_minor', 'order_listed_minor') }}
                    - {{ divide_rounded('order_discount_minor', 'listed_before_minor', 'order_listed_minor') }}
                    as bigint
                )
            else 0
        end as order_discount_share_minor
    from ordered
)

select
    connection,
    _load_id,
    clover_order_id,
    clover_merchant_id,
    line_id,
    line_item.item.id as clover_item_id,
    line_item.name as line_name,
    not coalesce({{ flag('line_item.isRevenue') }}, true) as is_gift_card,
    coalesce({{ flag('line_item.refunded') }}, false) as is_refunded,
    cast(quantity as decimal(18, 5)) as quantity,
    currency_code,
    has_taxes_included,
    charged_minor,
    cast(line_discount_minor + order_discount_share_minor as bigint) as discount_minor,
    cast(charged_minor - line_discount_minor - order_discount_share_minor as bigint) as net_minor,
    case
        when is_tax_removed then 0
        when has_taxes_included
            then cast(round(
                (charged_minor - line_discount_minor - order_discount_share_minor) * tax_rate / (10000000 + tax_rate)
            ) as bigint)
        else cast(round(
            (charged_minor - line_discount_minor - order_discount_share_minor) * tax_rate / 10000000 + tax_amount
        ) as bigint)
    end as listed_tax_minor
from shared
