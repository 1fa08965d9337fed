{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('shopify', 'gift_cards') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'lastCharacters': 'text', 'enabled': 'flag', 'deactivatedAt': 'time', 'expiresOn': 'day',
        'createdAt': 'time!', 'updatedAt': 'time', 'initialValue': {'amount': 'amount', 'currencyCode': 'text'},
        'balance': {'amount': 'amount!', 'currencyCode': 'text!'}, 'order': {'id': 'text'}, 'customer': {'id': 'text'},
    }) }}
),

renamed as (
    select
        {{ gid_number('payload.id') }} as shopify_gift_card_id,
        payload.lastCharacters as last_characters,
        {{ gid_number('payload.order.id') }} as shopify_order_id,
        {{ gid_number('payload.customer.id') }} as shopify_customer_id,
        coalesce({{ flag('payload.enabled') }}, true) and payload.deactivatedAt is null as is_enabled,
        currencies.currency_code,
        {{ to_minor('payload.initialValue.amount', 'currencies.exponent') }} as initial_minor,
        {{ to_minor('payload.balance.amount', 'currencies.exponent') }} as balance_minor,
        {{ day('payload.expiresOn') }} as expires_on,
        {{ utc('payload.createdAt') }} as created_at,
        {{ utc('payload.updatedAt') }} as updated_at,
        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
    left join currencies
        on parsed.payload.balance.currencyCode = currencies.currency_code
)

{{ staged_entities('renamed') }}
