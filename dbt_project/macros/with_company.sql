{#- The rows of a seed, and those that the company adds in a table of the same name: `columns` maps names to
    types. With `replaces` the company's take the place of what ships, where it has any. -#}
{% macro with_company(seed, columns, replaces=false) -%}
    {%- set company_rows = ref('stg_o2o__company_rows') -%}
    select
        {%- for column in columns %}
        {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(seed) }}
    {%- if replaces %}
    where not exists (select 1 from {{ company_rows }} as own where own.table_name = '{{ seed }}')
    {%- endif %}
    union all
    select
        {%- for column, type in columns.items() %}
        cast({{ column }} as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ company_rows }}
    where table_name = '{{ seed }}'
{%- endmacro %}
