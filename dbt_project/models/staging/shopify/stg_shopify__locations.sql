{{ entity_stream('shopify_location_id') }}

with

landed as (
    {{ newest_per_key('shopify', 'locations') }}
),

parsed as (
    select
        {{ json_record('_payload', {
            'id': 'text', 'name': 'text', 'isActive': 'text',
            'address': {'city': 'text', 'zip': 'text', 'provinceCode': 'text', 'countryCode': 'text'},
        }) }} as payload,
        connection,
        _load_id,
        _extracted_at
    from landed
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
        cast(payload.isActive as boolean) as is_active,
        connection,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed', 'shopify_location_id') }}
