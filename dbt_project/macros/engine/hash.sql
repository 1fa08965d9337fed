{#- Hashes that are numbers: fast, the same for as long as the engine's version is, not for secrets. -#}

{% macro duckdb__graph_number(text) -%}
    hash({{ text }})
{%- endmacro %}

{% macro spark__graph_number(text) -%}
    xxhash64({{ text }})
{%- endmacro %}

{#- A second hash that does not follow from the first. -#}
{% macro duckdb__graph_check(text) -%}
    cast(hash(concat({{ text }}, '#')) % 4294967296 as uinteger)
{%- endmacro %}

{% macro spark__graph_check(text) -%}
    hash({{ text }})
{%- endmacro %}
