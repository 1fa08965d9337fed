{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('adobe_commerce', 'creditmemos') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

parsed as (
    {{ opened('landed', {
        'entity_id': 'text!', 'order_id': 'text!', 'state': 'text', 'created_at': 'time!', 'updated_at': 'time',
        'order_currency_code': 'text!', 'base_currency_code': 'text', 'grand_total': 'amount!',
        'base_grand_total': 'amount', 
        'shipping_amount': 'amount', 'tax_amount': 'amount',
        'items': [{'order_item_id': 'text', 'row_total': 'amount', 'discount_amount': 'amount'}],
        'extension_attributes': {
            'gift_cards_amount': 'amount', 'customer_balance_amount': 'amount',
            'base_gift_cards_amount': 'amount', 'base_customer_balance_amount': 'amount',
        },
    }) }}
),

renamed as (
    select
        payload.entity_id as adobe_commerce_creditmemo_id,
        payload.order_id as adobe_commerce_order_id,
        payload.state as creditmemo_state,
        order_currencies.currency_code,
        {{ minor_of('payload.grand_total', 'order_currencies.exponent') }} as total_minor,
        {{ minor_of('payload.shipping_amount', 'order_currencies.exponent') }} as shipping_minor,
        {{ minor_of('payload.tax_amount', 'order_currencies.exponent') }} as tax_minor,
        {{ minor_of('payload.extension_attributes.gift_cards_amount', 'order_currencies.exponent') }}
            as gift_card_minor,
        {{ minor_of('payload.extension_attributes.customer_balance_amount', 'order_currencies.exponent') }}
            as balance_minor,
        base_currencies.currency_code as base_currency_code,
        {{ minor_of('payload.base_grand_total', 'base_currencies.exponent') }} as base_total_minor,
        {{ minor_of('payload.extension_attributes.base_gift_cards_amount', 'base_currencies.exponent') }}
            as base_gift_card_minor,
        {{ minor_of('payload.extension_attributes.base_customer_balance_amount', 'base_currencies.exponent') }}
            as base_balance_minor,
        payload.items as items,
        {{ utc('payload.created_at') }} as created_at,
        {{ utc('payload.updated_at') }} as updated_at,

        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
    left join currencies as order_currencies
        on parsed.payload.order_currency_code = order_currencies.currency_code
    left join currencies as base_currencies
        on parsed.payload.base_currency_code = base_currencies.currency_code
)

{{ staged_entities('renamed') }}
