{#- Sightings of the phones that a staging model of pings has (app_device_id, user_id, observed_at, received_at): of the
    phone itself, and of whoever logged in on it. `condition`: which of its rows count. -#}
{% macro phones_seen(model, condition='true') -%}
with

-- Whose clock is wrong was there when the server heard of it.
pings as (
    select
        *,
        case when {{ device_clock_holds('observed_at', 'received_at') }} then observed_at else received_at end
            as seen_at
    from {{ staged(model) }}
    where app_device_id is not null and {{ condition }}
),

devices as (
    select
        connection,
        max(_load_id) as _load_id,
        app_device_id,
        user_id,
        min(seen_at) as observed_at,
        max(seen_at) as last_observed_at
    from pings
    group by connection, app_device_id, user_id
)

{{ sightings('devices', 'app_device', 'app_device_id', 'observed_at', {'app_device_id': 'app_device_id'},
    last_observed_at='last_observed_at') }}
union all
-- Who logs in on a phone is a sighting of *their* record: the phone itself must not become a bridge
-- between the two customers who share it. The app logs in with the web shop's customer number.
{{ sightings('devices', 'customer', 'user_id', 'observed_at', {'app_device_id': 'app_device_id'},
    last_observed_at='last_observed_at', record_connection=none) }}
{%- endmacro %}
