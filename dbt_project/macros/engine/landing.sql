{#- Reading the landing zone. A load is a Parquet file with _key, _cursor, _extracted_at, _load_id and
    _payload; where the files lie is the source's external_location. -#}

{% macro landed(source_name, stream) -%}
    {{- adapter.dispatch('landed', 'o2o')(source(source_name, stream)) -}}
{%- endmacro %}

{% macro duckdb__landed(stream_relation) -%}
    {{- stream_relation -}}
{%- endmacro %}
