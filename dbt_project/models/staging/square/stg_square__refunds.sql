{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('square', 'refunds') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'payment_id': 'text', 'order_id': 'text', 'location_id': 'text',
        'status': 'text', 'reason': 'text', 'created_at': 'time!', 'updated_at': 'time',
        'amount_money': {'amount': 'minor!', 'currency': 'text!'},
    }) }}
),

renamed as (
    select
        payload.id as square_refund_id,
        payload.payment_id as square_payment_id,
        -- The order of the return, not the sale; the payment knows the sale.
        payload.order_id as return_order_id,
        payload.location_id as square_location_id,
        payload.status as status,
        payload.reason as reason,
        payload.amount_money.currency as currency_code,
        {{ minor('payload.amount_money.amount') }} as amount_minor,
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
