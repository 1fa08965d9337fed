{#- A contract: what this company's sources say of one thing, in the same words for all of them. Each source
    that knows of it has a mapping, staging/<source>/<source>__<contract>.sql, with the contract's columns;
    which mappings there are, whoever starts dbt reads from the folders (o2o.pipeline.project). Where no
    source knows of it, the relation is there and empty. -#}
{% macro conformed(contract) -%}
    {%- set mappings = fromjson(env_var('O2O_MAPPINGS')).get(contract, []) -%}
    {%- set columns = model.columns.values() if execute else [] -%}
    {%- for mapping in mappings %}
    select
        {%- for column in columns %}
        {{ column.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(mapping) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        {%- for column in columns %}
        cast(null as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- endfor %}
{%- endmacro %}
