{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('clover', 'payments') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'merchant_id': 'text!', 'order': {'id': 'text'}, 'tender': {'labelKey': 'text', 'label': 'text'},
        'amount': 'minor!', 'tipAmount': 'minor', 'taxAmount': 'minor', 'result': 'text', 'voidReason': 'text',
        'serviceCharge': {'amount': 'minor'},
        'createdTime': 'milliseconds!', 'clientCreatedTime': 'milliseconds', 'modifiedTime': 'milliseconds',
    }) }}
),

renamed as (
    select
        payload.id as clover_payment_id,
        payload.merchant_id as clover_merchant_id,
        payload.{{ adapter.quote('order') }}.id as clover_order_id,
        payload.tender.labelKey as tender_key,
        payload.tender.label as tender_label,
        payload.result as payment_result,
        payload.voidReason as void_reason,
        -- Without the tip.
        {{ minor('payload.amount') }} as amount_minor,
        coalesce({{ minor('payload.tipAmount') }}, 0) as tip_minor,
        coalesce({{ minor('payload.taxAmount') }}, 0) as tax_minor,
        coalesce({{ minor('payload.serviceCharge.amount') }}, 0) as service_minor,
        coalesce(
            {{ utc_from_milliseconds('payload.clientCreatedTime') }}, {{ utc_from_milliseconds('payload.createdTime') }}
        ) as created_at,
        {{ utc_from_milliseconds('payload.modifiedTime') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
