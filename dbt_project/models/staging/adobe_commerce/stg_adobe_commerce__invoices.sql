{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('adobe_commerce', 'invoices') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

parsed as (
    {{ opened('landed', {
        'entity_id': 'text!', 'order_id': 'text!', 'state': 'text', 'created_at': 'time!', 'updated_at': 'time',
        'order_currency_code': 'text!', 'grand_total': 'amount!',
        'extension_attributes': {
            'gift_cards_amount': 'amount', 'customer_balance_amount': 'amount',
        },
    }) }}
),

renamed as (
    select
        payload.entity_id as adobe_commerce_invoice_id,
        payload.order_id as adobe_commerce_order_id,
        payload.state as invoice_state,
        order_currencies.currency_code,
        {{ minor_of('payload.grand_total', 'order_currencies.exponent') }} as total_minor,
        {{ minor_of('payload.extension_attributes.gift_cards_amount', 'order_currencies.exponent') }}
            as gift_card_minor,
        {{ minor_of('payload.extension_attributes.customer_balance_amount', 'order_currencies.exponent') }}
            as balance_minor,
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
)

{{ staged_entities('renamed') }}
