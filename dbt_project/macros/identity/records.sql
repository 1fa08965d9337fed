{#- A customer as a system counts them, not a sale, a device or a card. -#}
{% macro is_customer_record(record_type) -%}
    {{ record_type }} in ('shopify_customer', 'hubspot_contact', 'square_customer')
{%- endmacro %}

{#- Sales: a person may have any number of them. -#}
{% macro is_sale_record(record_type) -%}
    {{ record_type }} in ('shopify_order', 'square_order')
{%- endmacro %}
