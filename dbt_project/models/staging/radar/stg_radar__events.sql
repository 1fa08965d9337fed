{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('radar', 'events') }}
),

parsed as (
    {{ opened('landed', {
        '_id': 'text!', 'type': 'text', 'live': 'flag?', 'createdAt': 'time!', 'actualCreatedAt': 'time?',
        'user': {'userId': 'text', 'deviceId': 'text'},
        'beacon': {'_id': 'text', 'externalId': 'text', 'description': 'text'},
        'geofence': {'_id': 'text', 'externalId': 'text', 'description': 'text'},
        'locationAccuracy': 'amount?',
    }) }}
),

renamed as (
    select
        payload._id as radar_event_id,
        payload.type as event_type,
        coalesce({{ flag('payload.live') }}, true) as is_live,
        payload.user.deviceId as app_device_id,
        payload.user.userId as user_id,
        -- A beacon tells more than the outline around it.
        case when payload.beacon._id is not null then 'beacon' else 'app_location' end as signal,
        coalesce(payload.beacon._id, payload.geofence._id) as place_id,
        case
            when payload.beacon._id is not null then coalesce(payload.beacon.description, payload.beacon.externalId)
            else coalesce(payload.geofence.description, payload.geofence.externalId)
        end as place_name,
        case
            when payload.beacon._id is not null
                then coalesce(
                    {{ store_code('payload.beacon.description') }}, {{ store_code('payload.beacon.externalId') }}
                )
            else coalesce(
                {{ store_code('payload.geofence.description') }}, {{ store_code('payload.geofence.externalId') }}
            )
        end as store_code,
        cast({{ amount('payload.locationAccuracy') }} as double) as accuracy_meters,
        -- The phone's own time; the other one is the server's.
        {{ utc('payload.createdAt') }} as observed_at,
        {{ utc('payload.actualCreatedAt') }} as received_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
