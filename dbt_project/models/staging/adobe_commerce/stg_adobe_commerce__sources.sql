{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('adobe_commerce', 'sources') }}
),

parsed as (
    {{ opened('landed', {
        'source_code': 'text!', 'name': 'text', 'enabled': 'flag?', 'country_id': 'text', 'region': 'text', 'city': 'text',
        'postcode': 'text', 'extension_attributes': {'is_pickup_location_active': 'flag?'},
    }) }}
),

renamed as (
    select
        payload.source_code as adobe_commerce_source_code,
        {{ store_code('payload.name') }} as store_code,
        payload.name as source_name,
        payload.city as city,
        {{ magento_region('payload.country_id', 'payload.region') }} as region_code,
        payload.country_id as country_code,
        {{ flag('payload.enabled') }} as is_enabled,
        {{ flag('payload.extension_attributes.is_pickup_location_active') }} as is_pickup_location,

        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
