{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('square', 'devices') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'attributes': {'type': 'text', 'name': 'text'},
        'components': [{'application_details': {'session_location': 'text'}}],
    }) }}
),

renamed as (
    select
        payload.id as square_device_id,
        payload.attributes.type as device_type,
        payload.attributes.name as device_name,
        -- The one part that is an application says where somebody signed in.
        {{ first_element(filter_elements(
            'payload.components', 'element.application_details.session_location is not null'
        )) }}.application_details.session_location as square_location_id,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
