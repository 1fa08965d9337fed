{#- gid://shop/Order/123 → 123 -#}
{% macro gid_number(gid) -%}
    {{- extract_pattern(gid, '([0-9]+)$') -}}
{%- endmacro %}
