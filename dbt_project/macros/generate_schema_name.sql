{#- A model's schema is what its folder says, without the target's name in front: every target is a
    file or catalog of its own, so nothing can collide. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
