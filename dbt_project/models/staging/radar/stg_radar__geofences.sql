{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('radar', 'geofences') }}
),

parsed as (
    {{ opened('landed', {
        '_id': 'text!', 'description': 'text', 'externalId': 'text', 'tag': 'text', 'enabled': 'flag?',
    }) }}
),

renamed as (
    select
        payload._id as radar_geofence_id,
        coalesce(payload.description, payload.externalId) as geofence_name,
        coalesce({{ store_code('payload.description') }}, {{ store_code('payload.externalId') }}) as store_code,
        payload.tag as tag,
        {{ flag('payload.enabled') }} as is_enabled,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
