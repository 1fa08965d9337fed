{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('square', 'bookings') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'location_id': 'text', 'customer_id': 'text', 'status': 'text', 'source': 'text',
        'creator_details': {'creator_type': 'text'},
        'start_at': 'time!', 'created_at': 'time!', 'updated_at': 'time',
    }) }}
),

renamed as (
    select
        payload.id as square_booking_id,
        payload.location_id as square_location_id,
        payload.customer_id as square_customer_id,
        payload.status as status,
        payload.source as source_name,
        payload.creator_details.creator_type as creator_type,
        {{ utc('payload.start_at') }} as starts_at,
        {{ utc('payload.created_at') }} as created_at,
        {{ utc('payload.updated_at') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
