{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('adobe_commerce', 'store_configs') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'code': 'text', 'website_id': 'whole!', 'base_currency_code': 'text!', 'timezone': 'zone?',
        'default_display_currency_code': 'text',
    }) }}
),

renamed as (
    select
        payload.id as adobe_commerce_store_id,
        payload.code as store_view_code,
        {{ whole('payload.website_id') }} as adobe_commerce_website_id,
        payload.base_currency_code as base_currency_code,
        payload.default_display_currency_code as display_currency_code,
        {{ zone('payload.timezone') }} as time_zone,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
