{{ config(materialized='table') }}

{#- Of a discount: ten thousandths of a percent, or an amount, which some tills write with a minus. -#}
{%- set rate = 'coalesce(' ~ whole('part.percentageDecimal') ~ ', 10000 * ' ~ whole('part.percentage') ~ ')' %}
{%- set amount = 'abs(' ~ minor('part.amount') ~ ')' %}

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
        cast({{ sum_elements('discounts', amount) }} as bigint) as discount_amount,
        cast({{ sum_elements('discounts', rate) }} as bigint) as discount_rate,
        {{ explode('line_items') }} as line_item
    from {{ staged('stg_clover__orders') }}
),

opened as (
    select
        *,
        line_item.id as line_id,
        coalesce({{ flag('line_item.isOrderFee') }}, false) as is_order_fee,
        coalesce({{ minor('line_item.price') }}, 0) as price_minor,
        -- Thousandths, of what is sold by weight.
        coalesce({{ whole('line_item.unitQty') }}, 1000) as thousandths,
        cast({{ sum_elements('line_item.modifications.elements', 'part.amount') }} as bigint) as modification_minor,
        cast({{ sum_elements('line_item.discounts.elements', amount) }} as bigint) as line_discount_amount,
        cast({{ sum_elements('line_item.discounts.elements', rate) }} as bigint) as line_discount_rate,
        -- Of ten million parts.
        cast({{ sum_elements('line_item.taxRates.elements', 'part.rate') }} as bigint) as tax_rate,
        cast({{ sum_elements('line_item.taxRates.elements', 'part.taxAmount') }} as bigint) as tax_amount
    from orders
    -- Exchanged for another line, which is there, too.
    where not coalesce({{ flag('line_item.exchanged') }}, false)
),

priced as (
    select
        *,
        cast({{ divide_rounded('price_minor', 'thousandths', '1000') }} as bigint) + modification_minor as charged_minor
    from opened
),

discounted as (
    select
        *,
        least(
            greatest(charged_minor, 0),
            cast({{ divide_rounded('greatest(charged_minor, 0)', 'line_discount_rate', '1000000') }} as bigint)
            + line_discount_amount
        ) as line_discount_minor
    from priced
),

-- A till takes nothing off a fee. It takes an order's discount off all else, gift cards too.
listed as (
    select
        *,
        case
            when is_order_fee then cast(0 as bigint)
            else cast(greatest(charged_minor, 0) - line_discount_minor as bigint)
        end as listed_minor
    from discounted
),

-- An order's discount is shared among its lines by what they cost: each has what the lines up to it have,
-- without what those before it have, so that not a cent is lost.
placed as (
    select
        *,
        cast(sum(listed_minor) over (partition by connection, clover_order_id) as bigint) as order_listed_minor,
        cast(sum(listed_minor) over (
            partition by connection, clover_order_id
            order by line_id
            rows between unbounded preceding and current row
        ) as bigint) as listed_so_far_minor
    from listed
),

ordered as (
    select
        *,
        listed_so_far_minor - listed_minor as listed_before_minor,
        least(
            order_listed_minor,
            cast({{ divide_rounded('order_listed_minor', 'discount_rate', '1000000') }} as bigint) + discount_amount
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
),

netted as (
    select
        *,
        charged_minor - line_discount_minor - order_discount_share_minor as net_minor
    from shared
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
    is_order_fee,
    {{ first_element('line_item.discounts.elements') }}.name as discount_name,
    coalesce({{ flag('line_item.refunded') }}, false) as is_refunded,
    cast(cast(thousandths as decimal(18, 0)) * 0.001 as decimal(18, 5)) as quantity,
    currency_code,
    has_taxes_included,
    charged_minor,
    line_discount_minor + order_discount_share_minor as discount_minor,
    net_minor,
    case
        when is_tax_removed then cast(0 as bigint)
        when has_taxes_included
            then cast({{ divide_rounded('net_minor', 'tax_rate', '(10000000 + tax_rate)') }} as bigint)
        else cast({{ divide_rounded('net_minor', 'tax_rate', '10000000') }} as bigint) + tax_amount
    end as listed_tax_minor
from netted
