{{ entity_stream('square_payment_id') }}

with

landed as (
    {{ newest_per_key('square', 'payments') }}
),

parsed as (
    select
        {{ json_record('_payload', {
            'id': 'text', 'order_id': 'text', 'location_id': 'text', 'customer_id': 'text',
            'status': 'text', 'source_type': 'text', 'created_at': 'text', 'updated_at': 'text',
            'amount_money': {'amount': 'text', 'currency': 'text'},
            'tip_money': {'amount': 'text', 'currency': 'text'},
            'refunded_money': {'amount': 'text', 'currency': 'text'},
            'card_details': {'card': {'card_brand': 'text', 'last_4': 'text', 'fingerprint': 'text'}},
        }) }} as payload,
        connection,
        _load_id,
        _extracted_at
    from landed
),

renamed as (
    select
        payload.id as square_payment_id,
        payload.order_id as square_order_id,
        payload.location_id as square_location_id,
        payload.customer_id as square_customer_id,
        payload.card_details.card.fingerprint as card_fingerprint,
        payload.card_details.card.card_brand as card_brand,
        payload.source_type as source_type,
        payload.status as status,
        payload.amount_money.currency as currency_code,
        cast(payload.amount_money.amount as bigint) as amount_minor,
        coalesce(cast(payload.tip_money.amount as bigint), 0) as tip_minor,
        coalesce(cast(payload.refunded_money.amount as bigint), 0) as refunded_minor,
        {{ utc('payload.created_at') }} as created_at,
        {{ utc('payload.updated_at') }} as updated_at,
        connection,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed', 'square_payment_id') }}
