{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('adobe_commerce', 'source_items') }}
),

parsed as (
    {{ opened('landed', {'source_code': 'text!', 'sku': 'text!', 'quantity': 'amount!', 'status': 'text'}) }}
),

renamed as (
    select
        payload.source_code as adobe_commerce_source_code,
        payload.sku as sku,
        cast({{ amount('payload.quantity') }} as decimal(18, 5)) as quantity,
        payload.status = '1' as is_in_stock,
        -- All stock is read at once, and is so as of then.
        {{ utc('parsed._cursor') }} as read_at,

        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
