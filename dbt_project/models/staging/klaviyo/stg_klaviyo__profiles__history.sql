{{ entity_stream('klaviyo_profile_id') }}

with

landed as (
    {{ versions_per_key('klaviyo', 'profiles') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!',
        'attributes': {'created': 'time!', 'updated': 'time!', 'email': 'text', 'phone_number': 'text'},
    }) }}
),

renamed as (
    select
        payload.id as klaviyo_profile_id,
        payload.attributes.email as email,
        payload.attributes.phone_number as phone,
        {{ utc('payload.attributes.created') }} as created_at,
        {{ utc('payload.attributes.updated') }} as changed_at,
        connection,
        recency,
        _faults,
        _load_id,
        _extracted_at
    from parsed
),

details as (
    {{ contacts_in_time('renamed', 'klaviyo_profile_id', ['email', 'phone']) }}
)

{{ staged_entities('details', 'klaviyo_profile_id') }}
