{#- Two tables, `calls` and `called`: which order is meant by what analytics and surveys call it, its name with or
    without the number sign, or its id. What two orders are called is neither's. `orders` is a table with order_id,
    order_name and source_order_id. -#}
{% macro called_orders(orders) -%}
    calls as (
        select
            order_id,
            {{ replace_pattern('order_name', '^#', '') }} as called
        from {{ orders }}
        union all
        select
            order_id,
            source_order_id as called
        from {{ orders }}
    ),

    called as (
        select
            called,
            min(order_id) as order_id
        from calls
        group by called
        having count(distinct order_id) = 1
    )
{%- endmacro %}
