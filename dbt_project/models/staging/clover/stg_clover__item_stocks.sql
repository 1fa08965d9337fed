{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('clover', 'item_stocks') }}
),

parsed as (
    {{ opened('landed', {
        'item': {'id': 'text!'}, 'merchant_id': 'text!', 'quantity': 'amount', 'stockCount': 'amount', 'modifiedTime': 'milliseconds',
    }) }}
),

renamed as (
    select
        payload.item.id as clover_item_id,
        payload.merchant_id as clover_merchant_id,
        coalesce({{ amount('payload.quantity') }}, {{ amount('payload.stockCount') }}) as quantity,
        {{ utc_from_milliseconds('payload.modifiedTime') }} as updated_at,
        {{ utc('_cursor') }} as read_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
