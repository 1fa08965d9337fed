{#- The end of a source's own test: orders, totals and refunds of the contract are those that were staged.
    The CTEs `staged_orders` (currency_code, total_minor) and `staged_refunds` (currency_code,
    refunded_minor) say what was. -#}
{% macro conserved_orders(source_system) -%}
staged as (
    select
        coalesce(currency_code, '?') as currency_code,
        sum(order_count) as order_count,
        sum(total_minor) as total_minor,
        sum(refunded_minor) as refunded_minor
    from (
        select
            currency_code,
            1 as order_count,
            total_minor,
            0 as refunded_minor
        from staged_orders
        union all
        select
            currency_code,
            0 as order_count,
            0 as total_minor,
            refunded_minor
        from staged_refunds
    ) as staged_amounts
    group by coalesce(currency_code, '?')
),

conformed as (
    select
        coalesce(currency_code, '?') as currency_code,
        count(*) as order_count,
        sum(total_minor) as total_minor,
        sum(refunded_minor) as refunded_minor
    from {{ ref('orders') }}
    where source_system = '{{ source_system }}'
    group by coalesce(currency_code, '?')
)

select
    coalesce(staged.currency_code, conformed.currency_code) as currency_code,
    staged.order_count as staged_order_count,
    conformed.order_count as conformed_order_count,
    staged.total_minor as staged_total_minor,
    conformed.total_minor as conformed_total_minor,
    staged.refunded_minor as staged_refunded_minor,
    conformed.refunded_minor as conformed_refunded_minor
from staged
full outer join conformed
    on staged.currency_code = conformed.currency_code
where
    coalesce(staged.order_count, 0) <> coalesce(conformed.order_count, 0)
    or coalesce(staged.total_minor, 0) <> coalesce(conformed.total_minor, 0)
    or coalesce(staged.refunded_minor, 0) <> coalesce(conformed.refunded_minor, 0)
{%- endmacro %}
