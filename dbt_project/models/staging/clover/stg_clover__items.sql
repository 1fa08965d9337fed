{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('clover', 'items') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'merchant_id': 'text!', 'name': 'text', 'sku': 'text', 'code': 'text', 'price': 'minor', 'priceType': 'text',
        'hidden': 'flag', 'available': 'flag', 'isRevenue': 'flag', 'deleted': 'flag', 'deletedTime': 'milliseconds',
        'itemGroup': {'id': 'text'}, 'categories': {'elements': [{'name': 'text'}]}, 'modifiedTime': 'milliseconds',
    }) }}
),

renamed as (
    select
        payload.id as clover_item_id,
        payload.merchant_id as clover_merchant_id,
        payload.itemGroup.id as clover_item_group_id,
        payload.name as item_name,
        nullif(payload.sku, '') as sku,
        nullif(payload.code, '') as barcode,
        {{ first_element('payload.categories.elements') }}.name as category,
        payload.priceType as price_type,
        {{ minor('payload.price') }} as price_minor,
        coalesce({{ flag('payload.isRevenue') }}, true) as is_revenue,
        coalesce({{ flag('payload.hidden') }}, false) as is_hidden,
        coalesce({{ flag('payload.available') }}, true) as is_available,
        coalesce({{ flag('payload.deleted') }}, false) or payload.deletedTime is not null as is_deleted,
        {{ utc_from_milliseconds('payload.modifiedTime') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
