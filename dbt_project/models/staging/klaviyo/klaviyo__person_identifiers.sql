{{ config(materialized='view') }}

{%- set person = {'first_name': 'first_name', 'last_name': 'last_name', 'country_code': 'country_code'} %}

with

profiles as (
    select * from {{ staged('stg_klaviyo__profiles') }}
),

-- Each address and number that a profile ever had, while it had it.
details as (
    select
        details.connection,
        details._load_id,
        details.klaviyo_profile_id,
        details.email,
        details.phone,
        details.held_from,
        details.ended_at,
        profiles.first_name,
        profiles.last_name,
        profiles.country_code
    from {{ ref('stg_klaviyo__profiles__history') }} as details
    inner join profiles
        on
            details.connection = profiles.connection
            and details.klaviyo_profile_id = profiles.klaviyo_profile_id
)

{{ sightings('profiles', 'contact', 'klaviyo_profile_id', 'created_at', {'contact_id': 'klaviyo_profile_id'}, person) }}
union all
{{ sightings('details', 'contact', 'klaviyo_profile_id', 'held_from', {'email': 'email', 'phone': 'phone'}, person,
    ended_at='ended_at') }}
union all
-- The number that a customer has elsewhere.
{{ sightings('profiles', 'contact', 'klaviyo_profile_id', 'created_at', {'customer_id': 'external_id'},
    id_connection=none) }}
