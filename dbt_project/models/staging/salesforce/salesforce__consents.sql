{{ config(materialized='view') }}

{#- Salesforce keeps who opted out. Who did not has not said yes. -#}
{%- set purposes = {
    'email_marketing': 'has_opted_out_of_email', 'phone_marketing': 'has_opted_out_of_calls',
    'fax_marketing': 'has_opted_out_of_fax',
} -%}

with

people as (
    select
        connection,
        _load_id,
        'contact' as record_kind,
        salesforce_contact_id as record_id,
        {{ purposes.values() | join(',\n        ') }}
    from {{ staged('stg_salesforce__contacts') }}
    where not is_deleted
    union all
    -- Whoever was converted is a contact.
    select
        connection,
        _load_id,
        'lead' as record_kind,
        salesforce_lead_id as record_id,
        {{ purposes.values() | join(',\n        ') }}
    from {{ staged('stg_salesforce__leads') }}
    where not is_deleted and not is_converted
)

{% for purpose, column in purposes.items() -%}
select
    connection,
    'salesforce' as source_system,
    _load_id,
    record_kind,
    record_id,
    '{{ purpose }}' as purpose,
    case when {{ column }} then 'withdrawn' else 'unknown' end as consent_status,
    cast(null as boolean) as is_confirmed,
    cast(null as timestamp) as changed_at
from people
where {{ column }} is not null
{% if not loop.last %}union all
{% endif -%}
{%- endfor %}
