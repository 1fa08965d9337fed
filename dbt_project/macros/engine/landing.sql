{#- Reading the landing zone. A load is a Parquet file with _key, _cursor, _extracted_at, _load_id and
    _payload, in the folder of its connection and stream. `source()` tells dbt what is read. -#}

{#- The connections of a vendor that this company uses (o2o.pipeline.project); what this warehouse computed
    itself lies in a folder of the same form. -#}
{% macro connections_of(source_name) -%}
    {{- return(fromjson(env_var('O2O_CONNECTIONS', '{}')).get(source_name, [source_name])) -}}
{%- endmacro %}

{#- The connections whose tables another loader keeps, each with the loader (`via`) and the pattern of
    their names (`tables`). -#}
{% macro existing_tables() -%}
    {{- return(fromjson(env_var('O2O_VIA', '{}'))) -}}
{%- endmacro %}

{% macro landed(source_name, stream) -%}
    {%- set declared = source(source_name, stream) -%}
    {%- if declared.is_cte -%}
    {#- The rows that a unit test gives. -#}
    {{ declared }}
    {%- else -%}
    (
        {%- for connection in connections_of(source_name) %}
        select
            '{{ connection }}' as connection,
            _key,
            _cursor,
            {{ adapter.dispatch('landed_time', 'o2o')('_extracted_at') }} as _extracted_at,
            _load_id,
            _payload
        {%- if connection in existing_tables() %}
        from {{ existing(existing_tables()[connection], source_name, stream) }} as existing
        {%- else %}
        from {{ adapter.dispatch('landed_files', 'o2o')(env_var('O2O_LANDING_URL') ~ '/' ~ connection ~ '/' ~ stream ~ '/*.parquet') }}
        {%- endif %}
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    )
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__landed_files(pattern) -%}
    read_parquet('{{ pattern }}')
{%- endmacro %}

{% macro spark__landed_files(pattern) -%}
    parquet.`{{ pattern }}`
{%- endmacro %}

{% macro duckdb__landed_time(column) -%}
    {{- column -}}
{%- endmacro %}

{#- The files' times are UTC and do not say so; Spark keeps such apart from its timestamps. -#}
{% macro spark__landed_time(column) -%}
    cast({{ column }} as timestamp)
{%- endmacro %}
