{{ config(materialized='view') }}

{%- set person = {
    'first_name': 'first_name', 'last_name': 'last_name', 'birth_date': as_text('birth_date'),
} %}

with

contacts as (
    select * from {{ staged('stg_hubspot__contacts') }}
),

archived_contacts as (
    select * from {{ staged('stg_hubspot__archived_contacts') }}
),

-- A contact may be linked to a deal, or to another one, long after the deal's last change.
deals as (
    select
        deals.connection,
        greatest(deals._load_id, coalesce(links._load_id, '')) as _load_id,
        deals.order_name,
        deals.created_at,
        case
            when links._load_id > deals._load_id then links.hubspot_contact_id
            else deals.hubspot_contact_id
        end as hubspot_contact_id
    from {{ staged('stg_hubspot__deals') }} as deals
    left join {{ staged('stg_hubspot__deal_contacts') }} as links
        on
            deals.connection = links.connection
            and deals.hubspot_deal_id = links.hubspot_deal_id
    where not deals.is_deleted
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
),

-- Each address, number and card that a contact ever had, while they had it.
details as (
    {{ details_held(
        ref('stg_hubspot__contacts__history'), 'contacts', 'hubspot_contact_id',
        ['email', 'additional_emails', 'phone', 'mobile_phone', 'loyalty_card_no'], person
    ) }}
),

further_emails as (
    select
        connection,
        _load_id,
        hubspot_contact_id,
        {{ explode("split(additional_emails, ';')") }} as email,
        first_name,
        last_name,
        birth_date,
        held_from,
        ended_at
    from details
    where additional_emails is not null
)

{{ sightings('contacts', 'contact', 'hubspot_contact_id', 'created_at', {'contact_id': 'hubspot_contact_id'}, person) }}
union all
{{ sightings('details', 'contact', 'hubspot_contact_id', 'held_from', {
    'email': 'email', 'phone': 'phone', 'loyalty_card': 'loyalty_card_no',
}, person, ended_at='ended_at') }}
union all
{{ sightings('details', 'contact', 'hubspot_contact_id', 'held_from', {'phone': 'mobile_phone'}, person,
    ended_at='ended_at') }}
union all
{{ sightings('archived_contacts', 'contact', 'hubspot_contact_id', 'created_at', {
    'contact_id': 'hubspot_contact_id', 'email': 'email', 'phone': 'phone', 'loyalty_card': 'loyalty_card_no',
}, person) }}
union all
{{ sightings('merged_contacts', 'contact', 'hubspot_contact_id', 'created_at', {
    'contact_id': 'merged_contact_id',
}) }}
union all
{{ sightings('further_emails', 'contact', 'hubspot_contact_id', 'held_from', {'email': 'email'}, person,
    ended_at='ended_at') }}
union all
-- A deal names an order of some shop.
{{ sightings('deals', 'contact', 'hubspot_contact_id', 'created_at', {
    'order_name': 'order_name',
}, id_connection=none) }}
