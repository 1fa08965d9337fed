{{ entity_stream() }}

{%- set variant = {
    'id': 'text!', 'title': 'text', 'sku': 'text', 'barcode': 'text', 'price': 'amount', 'compareAtPrice': 'amount',
    'createdAt': 'time', 'updatedAt': 'time', 'inventoryItem': {'id': 'text', 'tracked': 'flag?'},
} %}

with

landed as (
    {{ newest_per_key('shopify', 'products') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'title': 'text', 'status': 'text', 'isGiftCard': 'flag?', 'productType': 'text',
        'category': {'fullName': 'text'}, 'createdAt': 'time!', 'updatedAt': 'time', 'deleted': 'text',
        'priceRangeV2': {'minVariantPrice': {'currencyCode': 'text'}},
        'variants': {'nodes': [variant]}, 'moreVariants': [variant],
    }) }}
),

renamed as (
    select
        {{ gid_number('payload.id') }} as shopify_product_id,
        payload.title as title,
        payload.status as status,
        coalesce({{ flag('payload.isGiftCard') }}, false) as is_gift_card,
        coalesce(nullif(trim(payload.productType), ''), payload.category.fullName) as category,
        payload.priceRangeV2.minVariantPrice.currencyCode as currency_code,
        {{ concat_arrays('payload.variants.nodes', 'payload.moreVariants') }} as variants,
        coalesce(payload.deleted = 'true', false) as is_deleted,
        {{ utc('payload.createdAt') }} as created_at,
        {{ utc('payload.updatedAt') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
