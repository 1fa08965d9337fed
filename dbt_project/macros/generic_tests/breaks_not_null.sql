{#- Condition: the row of the model has a null where its contract says not_null. -#}
{% macro breaks_not_null(name) -%}
    false
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == 'model' and node.name == name -%}
        {%- for column in node.columns.values() -%}
            {%- if column.constraints | selectattr('type', 'equalto', 'not_null') | list %}
    or {{ column.name }} is null
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
