{#- Reading the landing zone. A load is a Parquet file with _key, _cursor, _extracted_at, _load_id and
    _payload. DuckDB finds the files by the source's external_location, Spark by their address. -#}

{% macro landed(source_name, stream) -%}
    {{- adapter.dispatch('landed', 'o2o')(source(source_name, stream)) -}}
{%- endmacro %}

{% macro duckdb__landed(stream_relation) -%}
    {{- stream_relation -}}
{%- endmacro %}

{#- The files' times are UTC and do not say so; Spark keeps such apart from its timestamps. -#}
{% macro spark__landed(stream_relation) -%}
    (
        select
            _key,
            _cursor,
            cast(_extracted_at as timestamp) as _extracted_at,
            _load_id,
            _payload
        from parquet.`{{ env_var('O2O_LANDING_URL') }}/
            {{- stream_relation.schema }}/{{ stream_relation.identifier }}/*.parquet`
    )
{%- endmacro %}
