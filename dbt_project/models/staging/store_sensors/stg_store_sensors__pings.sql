{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('store_sensors', 'pings') }}
),

parsed as (
    {{ opened('landed', {
        '_id': 'text!', 'type': 'text', 'createdAt': 'time!', 'actualCreatedAt': 'time',
        'user': {'userId': 'text', 'deviceId': 'text'},
        'beacon': {'type': 'text', 'externalId': 'text', 'description': 'text'},
        'geofence': {'externalId': 'text', 'description': 'text'},
        'locationAccuracy': 'amount?', 'metadata': {'rssi': 'whole?'},
    }) }}
),

renamed as (
    select
        payload._id as ping_id,
        payload.user.deviceId as app_device_id,
        payload.user.userId as user_id,
        payload.beacon.externalId as beacon_id,
        -- What noticed the phone: a beacon, or the store's outline that the app keeps.
        coalesce(payload.beacon.externalId, payload.geofence.externalId) as place_id,
        coalesce(payload.beacon.description, payload.geofence.description) as place_name,
        coalesce(
            {{ store_code('payload.beacon.description') }}, {{ store_code('payload.geofence.description') }}
        ) as store_code,
        -- Of a beacon the vendor says ibeacon or eddystone, of the store's outline only that it was entered.
        case
            when lower(payload.beacon.type) in ('wifi', 'nfc') then lower(payload.beacon.type)
            when payload.geofence.externalId is not null and payload.beacon.externalId is null then 'app_location'
            else 'beacon'
        end as signal,
        payload.type as ping_type,
        cast({{ whole('payload.metadata.rssi', 9) }} as integer) as rssi,
        cast({{ amount('payload.locationAccuracy') }} as double) as accuracy_meters,
        -- The phone's own time, where it tells one: pings wait in it while there is no network.
        coalesce({{ utc('payload.actualCreatedAt') }}, {{ utc('payload.createdAt') }}) as observed_at,
        {{ utc('payload.createdAt') }} as received_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
