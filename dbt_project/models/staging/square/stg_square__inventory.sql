{{ entity_stream() }}

with

landed as (
    {{ readings_per_key('square', 'inventory') }}
),

parsed as (
    {{ opened('landed', {
        'catalog_object_id': 'text!', 'catalog_object_type': 'text', 'state': 'text!', 'location_id': 'text!',
        'quantity': 'amount!', 'calculated_at': 'time!',
    }) }}
),

renamed as (
    select
        payload.catalog_object_id as square_variation_id,
        payload.location_id as square_location_id,
        payload.state as stock_state,
        cast({{ amount('payload.quantity') }} as decimal(18, 5)) as quantity,
        {{ utc('payload.calculated_at') }} as calculated_at,
        recency,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
),

readings as (
    {{ one_per_reading('renamed', 'calculated_at') }}
)

{{ staged_entities('readings') }}
