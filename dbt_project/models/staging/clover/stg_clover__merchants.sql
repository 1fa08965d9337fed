{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('clover', 'merchants') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'name': 'text', 'defaultCurrency': 'text',
        'address': {'city': 'text', 'state': 'text', 'zip': 'text', 'country': 'text'},
        'properties': {'timezone': 'zone?', 'defaultCurrency': 'text', 'vat': 'flag?'},
    }) }}
),

renamed as (
    select
        payload.id as clover_merchant_id,
        {{ store_code('payload.name') }} as store_code,
        payload.name as location_name,
        payload.address.city as city,
        {{ region_code('payload.address.country', 'payload.address.state') }} as region_code,
        payload.address.zip as postal_code,
        payload.address.country as country_code,
        {{ zone('payload.properties.timezone') }} as time_zone,
        coalesce(payload.properties.defaultCurrency, payload.defaultCurrency) as currency_code,
        {{ flag('payload.properties.vat') }} as has_taxes_included,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
