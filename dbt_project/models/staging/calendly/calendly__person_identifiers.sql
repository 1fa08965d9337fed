{{ config(materialized='view') }}

with

invitees as (
    select * from {{ staged('stg_calendly__invitees') }}
)

{{ sightings(
    'invitees', 'booking', 'calendly_invitee_id', 'created_at', {'email': 'email', 'phone': 'phone'},
    {'first_name': 'first_name', 'last_name': 'last_name'}
) }}
