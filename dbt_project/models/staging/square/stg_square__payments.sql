{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('square', 'payments') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'order_id': 'text', 'location_id': 'text', 'customer_id': 'text',
        'status': 'text', 'source_type': 'text', 'created_at': 'time!', 'updated_at': 'time',
        'amount_money': {'amount': 'minor!', 'currency': 'text!'},
        'tip_money': {'amount': 'minor', 'currency': 'text'},
        'refunded_money': {'amount': 'minor', 'currency': 'text'},
        'team_member_id': 'text', 'device_details': {'device_id': 'text', 'device_name': 'text'},
        'card_details': {'card': {'card_brand': 'text', 'last_4': 'text', 'fingerprint': 'text'}},
    }) }}
),

renamed as (
    select
        payload.id as square_payment_id,
        payload.order_id as square_order_id,
        payload.location_id as square_location_id,
        payload.customer_id as square_customer_id,
        payload.team_member_id as square_team_member_id,
        payload.device_details.device_id as square_device_id,
        payload.device_details.device_name as device_name,
        payload.card_details.card.fingerprint as card_fingerprint,
        payload.card_details.card.card_brand as card_brand,
        payload.source_type as source_type,
        payload.status as status,
        payload.amount_money.currency as currency_code,
        {{ minor('payload.amount_money.amount') }} as amount_minor,
        coalesce({{ minor('payload.tip_money.amount') }}, 0) as tip_minor,
        coalesce({{ minor('payload.refunded_money.amount') }}, 0) as refunded_minor,
        {{ utc('payload.created_at') }} as created_at,
        {{ utc('payload.updated_at') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
