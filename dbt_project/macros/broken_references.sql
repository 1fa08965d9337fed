{#- What marts name and is not there, one row a reference: model, column, and what they refer to. One test for many:
    a node each would cost every build seconds. -#}
{% macro broken_references(references) -%}
    {%- for from_model, column, to_model, to_column in references %}
    select
        '{{ from_model }}.{{ column }}' as reference,
        count(*) as missing_count
    from {{ ref(from_model) }} as pointing
    left join {{ ref(to_model) }} as pointed_at
        on pointing.{{ column }} = pointed_at.{{ to_column }}
    where pointing.{{ column }} is not null and pointed_at.{{ to_column }} is null
    having count(*) > 0
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
