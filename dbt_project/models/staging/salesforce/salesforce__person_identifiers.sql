{{ config(materialized='view') }}

{%- set person = {
    'first_name': 'first_name', 'last_name': 'last_name', 'birth_date': as_text('birth_date'),
    'country_code': 'country_code',
} %}
{%- set lead = {'first_name': 'first_name', 'last_name': 'last_name', 'country_code': 'country_code'} %}

with

contacts as (
    select * from {{ staged('stg_salesforce__contacts') }}
),

leads as (
    select * from {{ staged('stg_salesforce__leads') }}
),

deals as (
    select * from {{ ref('base_salesforce__opportunity_contacts') }}
),

-- Each address, number and card that a contact ever had, while they had it.
contact_details as (
    select
        details.connection,
        details._load_id,
        details.salesforce_contact_id,
        details.email,
        details.phone,
        details.mobile_phone,
        details.home_phone,
        details.loyalty_card_no,
        details.held_from,
        details.ended_at,
        contacts.first_name,
        contacts.last_name,
        contacts.birth_date,
        contacts.country_code
    from {{ ref('stg_salesforce__contacts__history') }} as details
    inner join contacts
        on
            details.connection = contacts.connection
            and details.salesforce_contact_id = contacts.salesforce_contact_id
),

lead_details as (
    select
        details.connection,
        details._load_id,
        details.salesforce_lead_id,
        details.email,
        details.phone,
        details.mobile_phone,
        details.held_from,
        details.ended_at,
        leads.first_name,
        leads.last_name,
        leads.country_code
    from {{ ref('stg_salesforce__leads__history') }} as details
    inner join leads
        on
            details.connection = leads.connection
            and details.salesforce_lead_id = leads.salesforce_lead_id
)

{{ sightings('contacts', 'contact', 'salesforce_contact_id', 'created_at', {
    'contact_id': 'salesforce_contact_id',
}, person) }}
union all
{{ sightings('contacts', 'contact', 'salesforce_contact_id', 'created_at', {
    'contact_id': 'merged_into_contact_id',
}, person) }}
union all
{{ sightings('contact_details', 'contact', 'salesforce_contact_id', 'held_from', {
    'email': 'email', 'phone': 'phone', 'loyalty_card': 'loyalty_card_no',
}, person, ended_at='ended_at') }}
union all
{{ sightings('contact_details', 'contact', 'salesforce_contact_id', 'held_from', {'phone': 'mobile_phone'}, person,
    ended_at='ended_at') }}
union all
{{ sightings('contact_details', 'contact', 'salesforce_contact_id', 'held_from', {'phone': 'home_phone'}, person,
    ended_at='ended_at') }}
union all
{{ sightings('leads', 'lead', 'salesforce_lead_id', 'created_at', {
    'lead_id': 'salesforce_lead_id', 'contact_id': 'converted_contact_id',
}, lead) }}
union all
{{ sightings('leads', 'lead', 'salesforce_lead_id', 'created_at', {'lead_id': 'merged_into_lead_id'}, lead) }}
union all
{{ sightings('lead_details', 'lead', 'salesforce_lead_id', 'held_from', {'email': 'email', 'phone': 'phone'}, lead,
    ended_at='ended_at') }}
union all
{{ sightings('lead_details', 'lead', 'salesforce_lead_id', 'held_from', {'phone': 'mobile_phone'}, lead,
    ended_at='ended_at') }}
union all
-- An opportunity names an order of some shop.
{{ sightings('deals', 'contact', 'salesforce_contact_id', 'created_at', {
    'order_name': 'order_name',
}, id_connection=none) }}
