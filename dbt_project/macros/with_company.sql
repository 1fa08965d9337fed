{#- The rows of a seed, and those that the company adds in a table of the same name: `columns` maps names to
    types. -#}
{% macro with_company(seed, columns) -%}
    select
        {%- for column in columns %}
        {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(seed) }}
    union all
    select
        {%- for column, type in columns.items() %}
        cast({{ column }} as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_o2o__company_rows') }}
    where table_name = '{{ seed }}'
{%- endmacro %}
