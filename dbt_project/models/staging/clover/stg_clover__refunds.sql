{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('clover', 'refunds') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'merchant_id': 'text!', 'orderRef': {'id': 'text'}, 'payment': {'id': 'text'},
        'amount': 'minor!', 'taxAmount': 'minor', 'tipAmount': 'minor', 'status': 'text', 'voided': 'flag', 'deletedTime': 'milliseconds',
        'serviceChargeAmount': {'amount': 'minor'}, 'lineItems': {'elements': [{'id': 'text'}]},
        'createdTime': 'milliseconds!', 'clientCreatedTime': 'milliseconds',
    }) }}
),

renamed as (
    select
        payload.id as clover_refund_id,
        payload.merchant_id as clover_merchant_id,
        payload.orderRef.id as clover_order_id,
        payload.payment.id as clover_payment_id,
        payload.status as refund_status,
        coalesce({{ flag('payload.voided') }}, false) or payload.deletedTime is not null as is_voided,
        -- With tax and tip.
        {{ minor('payload.amount') }} as amount_minor,
        coalesce({{ minor('payload.taxAmount') }}, 0) as tax_minor,
        coalesce({{ minor('payload.tipAmount') }}, 0) as tip_minor,
        coalesce({{ minor('payload.serviceChargeAmount.amount') }}, 0) as service_minor,
        payload.lineItems.elements as line_items,
        coalesce(
            {{ utc_from_milliseconds('payload.clientCreatedTime') }}, {{ utc_from_milliseconds('payload.createdTime') }}
        ) as created_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
