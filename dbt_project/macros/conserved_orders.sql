{#- The end of a source's own test: orders, money and refunds of the contracts are those that were staged. The
    CTEs `staged_orders` (currency_code, charged_minor: all that was charged, gift cards included) and
    `staged_refunds` (currency_code, refunded_minor) say what was. -#}
{% macro conserved_orders(source_system) -%}
both_sides as (
    select
        currency_code,
        1 as staged_order_count,
        charged_minor as staged_minor,
        0 as staged_refund_minor,
        0 as conformed_order_count,
        0 as conformed_minor,
        0 as conformed_refund_minor
    from staged_orders
    union all
    select currency_code, 0, 0, refunded_minor, 0, 0, 0
    from staged_refunds
    union all
    select currency_code, 0, 0, 0, 1, total_minor + gift_card_minor, 0
    from {{ ref('orders') }}
    where source_system = '{{ source_system }}'
    union all
    select currency_code, 0, 0, 0, 0, 0, refunded_minor
    from {{ ref('refunds') }}
    where source_system = '{{ source_system }}'
)

select
    coalesce(currency_code, '?') as currency_code,
    sum(staged_order_count) as staged_order_count,
    sum(conformed_order_count) as conformed_order_count,
    sum(staged_minor) as staged_minor,
    sum(conformed_minor) as conformed_minor,
    sum(staged_refund_minor) as staged_refund_minor,
    sum(conformed_refund_minor) as conformed_refund_minor
from both_sides
group by coalesce(currency_code, '?')
having
    sum(staged_order_count) <> sum(conformed_order_count)
    or sum(staged_minor) <> sum(conformed_minor)
    or sum(staged_refund_minor) <> sum(conformed_refund_minor)
{%- endmacro %}
