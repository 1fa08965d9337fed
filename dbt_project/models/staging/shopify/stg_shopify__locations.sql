{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('shopify', 'locations') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'name': 'text', 'isActive': 'flag?',
        'address': {'city': 'text', 'zip': 'text', 'provinceCode': 'text', 'countryCode': 'text'},
    }) }}
),

renamed as (
    select
        {{ gid_number('payload.id') }} as shopify_location_id,
        {{ store_code('payload.name') }} as store_code,
        payload.name as location_name,
        payload.address.city as city,
        payload.address.zip as postal_code,
        {{ region_code('payload.address.countryCode', 'payload.address.provinceCode') }} as region_code,
        payload.address.countryCode as country_code,
        {{ flag('payload.isActive') }} as is_active,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
