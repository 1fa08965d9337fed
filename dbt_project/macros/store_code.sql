{#- The code that every system's name of a store carries, by the company's own convention; null where a name
    carries none. What no code tells, the company's stores.csv does. -#}
{% macro store_code(name) -%}
    {{- extract_pattern(name, var('store_code_pattern')) -}}
{%- endmacro %}
