{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('acme', 'sales') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'shop': 'text', 'sold_at': 'time!', 'updated_at': 'time', 'currency': 'text!',
        'goods': 'amount!', 'discount': 'amount!', 'tax': 'amount!', 'total': 'amount!', 'refunded': 'amount!',
        'items': 'count!', 'coupon': 'text', 'voided': 'flag', 'customer': {'email': 'text'},
    }) }}
),

renamed as (
    select
        -- ids
        payload.id as acme_sale_id,
        payload.shop as shop_name,
        nullif(payload.customer.email, '') as email,

        -- state
        payload.coupon as coupon_code,
        {{ counted('payload.items') }} as item_count,
        coalesce({{ flag('payload.voided') }}, false) as is_voided,

        -- money
        currencies.currency_code,
        {{ to_minor('payload.goods', 'currencies.exponent') }} as goods_minor,
        {{ to_minor('payload.discount', 'currencies.exponent') }} as discount_minor,
        {{ to_minor('payload.tax', 'currencies.exponent') }} as tax_minor,
        {{ to_minor('payload.total', 'currencies.exponent') }} as total_minor,
        {{ to_minor('payload.refunded', 'currencies.exponent') }} as refunded_minor,

        -- times
        {{ utc('payload.sold_at') }} as sold_at,
        {{ utc('payload.updated_at') }} as updated_at,

        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
    left join currencies
        on parsed.payload.currency = currencies.currency_code
)

{{ staged_entities('renamed') }}
