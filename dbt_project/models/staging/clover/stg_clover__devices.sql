{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('clover', 'devices') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'merchant_id': 'text!', 'name': 'text', 'model': 'text', 'deviceTypeName': 'text', 'productName': 'text',
    }) }}
),

renamed as (
    select
        payload.id as clover_device_id,
        payload.merchant_id as clover_merchant_id,
        payload.name as device_name,
        coalesce(payload.productName, payload.deviceTypeName, payload.model) as product_name,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
