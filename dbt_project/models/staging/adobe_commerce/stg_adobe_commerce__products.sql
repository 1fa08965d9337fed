{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('adobe_commerce', 'products') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'sku': 'text', 'name': 'text', 'type_id': 'text', 'status': 'text', 'price': 'amount',
        'created_at': 'time?', 'updated_at': 'time', 'deleted': 'text',
        'extension_attributes': {
            'website_ids': ['text'], 'category_links': [{'category_id': 'text'}],
            'configurable_product_links': ['text'],
        },
        'custom_attributes': [{'attribute_code': 'text', 'value': 'text'}],
    }) }}
),

renamed as (
    select
        payload.id as adobe_commerce_product_id,
        payload.sku as sku,
        payload.name as product_name,
        payload.type_id as product_type,
        payload.status = '1' as is_enabled,
        coalesce(payload.deleted = 'true', false) as is_deleted,
        {{ amount('payload.price') }} as price_amount,
        {{ amount(attribute_value('special_price')) }} as special_price_amount,
        {{ utc(attribute_value('special_from_date')) }} as special_from_at,
        {{ utc(attribute_value('special_to_date')) }} as special_to_at,
        coalesce(
            {%- for code in ['gtin', 'ean', 'barcode', 'upc'] %}
            nullif({{ attribute_value(code) }}, ''){{ ',' if not loop.last }}
            {%- endfor %}
        ) as barcode,
        {{ first_element('payload.extension_attributes.category_links') }}.category_id as adobe_commerce_category_id,
        payload.extension_attributes.website_ids as website_ids,
        payload.extension_attributes.configurable_product_links as variant_ids,
        {{ utc('payload.created_at') }} as created_at,
        {{ utc('payload.updated_at') }} as updated_at,

        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
