{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('square', 'locations') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'name': 'text', 'timezone': 'zone?', 'currency': 'text', 'country': 'text',
        'status': 'text',
        'address': {
            'locality': 'text', 'administrative_district_level_1': 'text', 'postal_code': 'text',
        },
        'business_hours': {
            'periods': [{'day_of_week': 'text', 'start_local_time': 'wall_clock?', 'end_local_time': 'wall_clock?'}],
        },
    }) }}
),

renamed as (
    select
        payload.id as square_location_id,
        {{ store_code('payload.name') }} as store_code,
        payload.name as location_name,
        payload.address.locality as city,
        {{ region_code('payload.country', 'payload.address.administrative_district_level_1') }} as region_code,
        payload.address.postal_code as postal_code,
        payload.country as country_code,
        {{ zone('payload.timezone') }} as time_zone,
        payload.currency as currency_code,
        payload.status as status,
        payload.business_hours.periods as business_periods,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
