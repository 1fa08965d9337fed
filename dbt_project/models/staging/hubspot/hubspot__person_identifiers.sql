{{ config(materialized='view') }}

{%- set carried = {
    'contact_id': 'hubspot_contact_id', 'email': 'email', 'phone': 'phone', 'loyalty_card': 'loyalty_card_no',
} %}
{%- set person = {
    'first_name': 'first_name', 'last_name': 'last_name', 'birth_date': as_text('birth_date'),
} %}

with

contacts as (
    select * from {{ ref('stg_hubspot__contacts') }}
),

archived_contacts as (
    select * from {{ ref('stg_hubspot__archived_contacts') }}
),

deals as (
    select * from {{ ref('stg_hubspot__deals') }}
),

merged_contacts as (
    select
        connection,
        _load_id,
        hubspot_contact_id,
        {{ explode("split(merged_contact_ids, ';')") }} as merged_contact_id,
        created_at
    from contacts
    where merged_contact_ids is not null
)

{{ sightings('contacts', 'contact', 'hubspot_contact_id', 'created_at', carried, person) }}
union all
{{ sightings('archived_contacts', 'contact', 'hubspot_contact_id', 'created_at', carried, person) }}
union all
{{ sightings('merged_contacts', 'contact', 'hubspot_contact_id', 'created_at', {
    'contact_id': 'merged_contact_id',
}) }}
union all
-- A deal names an order of some shop.
{{ sightings('deals', 'contact', 'hubspot_contact_id', 'created_at', {
    'order_name': 'order_name',
}, id_connection=none) }}
