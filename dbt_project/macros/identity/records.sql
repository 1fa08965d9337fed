{#- What a record of identity is, in the words of the contracts person_records and person_identifiers. -#}

{#- Which record: of which connection, which kind, which id. Null where there is no id. -#}
{% macro record_key(record_kind, record_id, connection='connection') -%}
    {{ connection }} || ':{{ record_kind }}:' || {{ record_id }}
{%- endmacro %}

{#- The same, of a row that has all three. -#}
{% macro record_key_of() -%}
    concat(connection, ':', record_kind, ':', record_id)
{%- endmacro %}

{#- Connections are named after their vendor: acme, or acme__berlin. -#}
{% macro source_system_of(connection) -%}
    split_part({{ connection }}, '__', 1)
{%- endmacro %}

{#- A customer as a system counts them, not a sale, a device or a card. -#}
{% macro is_customer_record(record_kind) -%}
    {{ record_kind }} in ('customer', 'contact', 'lead')
{%- endmacro %}

{#- Sales: a person may have any number of them. -#}
{% macro is_sale_record(record_kind) -%}
    {{ record_kind }} = 'order'
{%- endmacro %}

{#- Ids that a system gives out: the same text from another connection is another id. -#}
{% macro identifiers_given_out() -%}
    {{- return(['customer_id', 'contact_id', 'lead_id', 'order_name']) -}}
{%- endmacro %}
