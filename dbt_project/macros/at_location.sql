{#- Condition: the event took place at this location while it was the store that it is there. Without a
    location it took place at none. -#}
{% macro at_location(event, occurred_at, location='locations', column='location_id') -%}
    {{ event }}.connection = {{ location }}.connection
            and {{ event }}.location_kind = {{ location }}.location_kind
            and {{ event }}.{{ column }} = {{ location }}.location_id
            and cast({{ occurred_at }} as date) >= {{ location }}.valid_from
            and cast({{ occurred_at }} as date) < {{ location }}.valid_before
{%- endmacro %}
