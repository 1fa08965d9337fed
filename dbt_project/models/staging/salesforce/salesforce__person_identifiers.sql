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
    {{ details_held(
        ref('stg_salesforce__contacts__history'), 'contacts', 'salesforce_contact_id',
        ['email', 'phone', 'mobile_phone', 'home_phone', 'loyalty_card_no'], person
    ) }}
),

lead_details as (
    {{ details_held(
        ref('stg_salesforce__leads__history'), 'leads', 'salesforce_lead_id',
        ['email', 'phone', 'mobile_phone'], lead
    ) }}
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
