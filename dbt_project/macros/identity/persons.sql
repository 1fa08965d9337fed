{#- An opaque id: without the installation's key nobody can tell from which record it was made. -#}
{% macro person_id(expressions) -%}
    substring({{ keyed_hash(hash_key(expressions)) }}, 1, 32)
{%- endmacro %}

{#- The memberships before there are any. -#}
{% macro no_memberships() -%}
    select
        {%- for column in [
            'membership_id', 'record_key', 'connection', 'source_system', 'record_kind', 'record_id', 'customer_id',
            'opened_by', 'closed_by', 'former_customer_id', 'cause_link_key', 'cause_rule',
        ] %}
        {{ as_text('null') }} as {{ column }},
        {%- endfor %}
        cast(null as timestamp) as valid_from,
        cast(null as timestamp) as valid_to,
        cast(null as bigint) as opened_run,
        cast(null as bigint) as closed_run
    where false
{%- endmacro %}
