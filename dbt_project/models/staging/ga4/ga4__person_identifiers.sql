{{ config(materialized='view') }}

with

-- Consent is the event's own: what was seen with it and what without it are two sightings.
browsers as (
    select
        connection,
        max(_load_id) as _load_id,
        browser_id,
        user_id,
        -- Nothing said is no consent to be recognised.
        coalesce(has_analytics_consent, false) as has_analytics_consent,
        min(occurred_at) as observed_at,
        max(occurred_at) as last_observed_at
    from {{ ref('stg_ga4__events') }}
    where browser_id is not null
    group by connection, browser_id, user_id, coalesce(has_analytics_consent, false)
)

{{ sightings('browsers', 'browser', 'browser_id', 'observed_at', {'browser_id': 'browser_id'},
    last_observed_at='last_observed_at', has_consent='has_analytics_consent') }}
union all
-- Who logs in on a browser is a sighting of *their* record: the browser itself must not become a bridge
-- between the two customers who share it. The shop passes its customer number as the analytics user id.
{{ sightings('browsers', 'customer', 'user_id', 'observed_at', {'browser_id': 'browser_id'},
    last_observed_at='last_observed_at', has_consent='has_analytics_consent', record_connection=none) }}
