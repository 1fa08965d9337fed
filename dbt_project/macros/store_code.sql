{#- The code that every system's name of a store carries, by the company's own convention. -#}
{% macro store_code(name) -%}
    {{- extract_pattern(name, '\\b(S[0-9]{3})\\b') -}}
{%- endmacro %}
