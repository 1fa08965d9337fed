{{ entity_stream() }}

{%- set money = {'amount': 'minor', 'currency': 'text'} %}

with

landed as (
    {{ newest_per_key('square', 'catalog') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'type': 'text!', 'updated_at': 'time!', 'is_deleted': 'flag?',
        'item_data': {
            'name': 'text', 'product_type': 'text', 'is_archived': 'flag?', 'category_id': 'text',
            'reporting_category': {'id': 'text'}, 'categories': [{'id': 'text'}],
        },
        'item_variation_data': {
            'item_id': 'text', 'name': 'text', 'sku': 'text', 'upc': 'text', 'pricing_type': 'text',
            'price_money': money, 'track_inventory': 'flag?', 'sellable': 'flag?',
            'location_overrides': [{
                'location_id': 'text', 'pricing_type': 'text', 'price_money': money, 'track_inventory': 'flag?',
            }],
        },
        'category_data': {'name': 'text'},
        'discount_data': {
            'name': 'text', 'discount_type': 'text', 'percentage': 'amount', 'amount_money': money,
        },
    }) }}
),

renamed as (
    select
        payload.id as catalog_object_id,
        payload.type as object_type,
        coalesce({{ flag('payload.is_deleted') }}, false) as is_deleted,
        {{ utc('payload.updated_at') }} as updated_at,

        -- items
        payload.item_data.name as item_name,
        payload.item_data.product_type as product_type,
        coalesce({{ flag('payload.item_data.is_archived') }}, false) as is_archived,
        coalesce(
            payload.item_data.reporting_category.id,
            {{ first_element('payload.item_data.categories') }}.id,
            payload.item_data.category_id
        ) as category_object_id,

        -- variations
        payload.item_variation_data.item_id as item_object_id,
        payload.item_variation_data.name as variation_name,
        nullif(trim(payload.item_variation_data.sku), '') as sku,
        nullif(trim(payload.item_variation_data.upc), '') as barcode,
        payload.item_variation_data.pricing_type as pricing_type,
        payload.item_variation_data.price_money.currency as price_currency_code,
        {{ minor('payload.item_variation_data.price_money.amount') }} as price_minor,
        payload.item_variation_data.location_overrides as location_overrides,
        {{ flag('payload.item_variation_data.track_inventory') }} as is_tracked,
        {{ flag('payload.item_variation_data.sellable') }} as is_sellable,

        -- categories
        payload.category_data.name as category_name,

        -- discounts
        payload.discount_data.name as discount_name,
        payload.discount_data.discount_type as discount_type,
        -- '7.25' of a hundred.
        cast({{ amount('payload.discount_data.percentage') }} * 0.01 as decimal(9, 6)) as discount_rate,
        payload.discount_data.amount_money.currency as discount_currency_code,
        {{ minor('payload.discount_data.amount_money.amount') }} as discount_minor,

        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
