{#- Marts show devices, browsers and cards as hashes of their own: who has one of them at hand finds
    nothing in the warehouse by it, nor the other way round. -#}
{% macro outward_hash(expression) -%}
    {{ keyed_hash("concat('marts|', " ~ expression ~ ")") }}
{%- endmacro %}

{#- Ids of records that systems made up for their customers and sales say nothing outside of them; the
    other records are named by what a person carries. -#}
{% macro outward_record_id(record_kind, record_id) -%}
    case
        when {{ record_kind }} in ('browser', 'app_device', 'card_fingerprint') then {{ outward_hash(record_id) }}
        else {{ record_id }}
    end
{%- endmacro %}
