{#- A contract: what this company's sources say of one thing, in the same words for all of them. Each source
    that knows of it has a mapping, staging/<source>/<source>__<contract>.sql, with the contract's columns;
    which mappings there are, whoever starts dbt reads from the folders (o2o.pipeline.project). Tables that are
    the contract already (docs/existing-tables.md), and what landed of files (docs/files.md), come beside them. Where nobody knows of it, the relation is
    there and empty. -#}
{% macro conformed(contract) -%}
    {%- set mappings = fromjson(env_var('O2O_MAPPINGS')).get(contract, []) -%}
    {%- set tables = fromjson(env_var('O2O_TABLES', '{}')).get(contract, {}) -%}
    {%- set columns = model.columns.values() if execute else [] -%}
    {%- set parts = [] -%}
    {%- for mapping in mappings -%}
        {%- set part -%}
    select
        {%- for column in columns %}
        {{ as_promised(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(mapping) }}
        {%- endset -%}
        {%- do parts.append(part) -%}
    {%- endfor -%}
    {%- for connection, said in tables.items() -%}
        {%- do parts.append(contract_table(columns, connection, said, contract)) -%}
    {%- endfor -%}
    {%- for connection, system in fromjson(env_var('O2O_FILES', '{}')).get(contract, {}).items() -%}
        {%- do parts.append(contract_files(columns, connection, system, contract)) -%}
    {%- endfor -%}
    {%- if not parts -%}
        {%- set part -%}
    select
        {%- for column in columns %}
        cast(null as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
        {%- endset -%}
        {%- do parts.append(part) -%}
    {%- endif -%}
    {{ parts | join('\n    union all\n') }}
{%- endmacro %}

{#- A column of a mapping in the contract's type. Decimals of two scales come to a wider one, and each engine has another
    idea of how wide; other types differ in no mapping. -#}
{% macro as_promised(column) -%}
    {%- if column.data_type.startswith('decimal') -%}
        cast({{ column.name }} as {{ column.data_type }}) as {{ column.name }}
    {%- else -%}
        {{ column.name }}
    {%- endif -%}
{%- endmacro %}
