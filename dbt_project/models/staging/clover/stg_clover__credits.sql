{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('clover', 'credits') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'merchant_id': 'text!', 'orderRef': {'id': 'text'}, 'customers': {'id': 'text'},
        'amount': 'minor!', 'taxAmount': 'minor', 'result': 'text', 'voided': 'flag',
        'createdTime': 'milliseconds!', 'clientCreatedTime': 'milliseconds',
    }) }}
),

renamed as (
    select
        payload.id as clover_credit_id,
        payload.merchant_id as clover_merchant_id,
        -- The order that records it, not the sale, which nobody knows.
        payload.orderRef.id as clover_order_id,
        payload.customers.id as clover_customer_id,
        payload.result as credit_result,
        coalesce({{ flag('payload.voided') }}, false) as is_voided,
        {{ minor('payload.amount') }} as amount_minor,
        coalesce({{ minor('payload.taxAmount') }}, 0) as tax_minor,
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
