{#- The end of a source's own test: what the CTE `staged` says of its orders, the contract says, too. -#}
{% macro conserved_orders(source_system) -%}
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
