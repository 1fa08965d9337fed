{{ config(materialized='view') }}

{%- set person = {'first_name': 'first_name', 'last_name': 'last_name', 'country_code': 'country_code'} %}

with

profiles as (
    select * from {{ staged('stg_klaviyo__profiles') }}
),

-- Each address and number that a profile ever had, while it had it.
details as (
    {{ details_held(
        ref('stg_klaviyo__profiles__history'), 'profiles', 'klaviyo_profile_id',
        ['email', 'phone'], person
    ) }}
)

{{ sightings('profiles', 'contact', 'klaviyo_profile_id', 'created_at', {'contact_id': 'klaviyo_profile_id'}, person) }}
union all
{{ sightings('details', 'contact', 'klaviyo_profile_id', 'held_from', {'email': 'email', 'phone': 'phone'}, person,
    ended_at='ended_at') }}
union all
-- The number that a customer has elsewhere.
{{ sightings('profiles', 'contact', 'klaviyo_profile_id', 'created_at', {'customer_id': 'external_id'},
    id_connection=none) }}
