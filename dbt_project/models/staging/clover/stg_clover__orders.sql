{{ entity_stream() }}

{%- set discount = {'name': 'text', 'amount': 'minor', 'percentage': 'whole', 'percentageDecimal': 'whole'} %}
{%- set line = {
    'id': 'text!', 'name': 'text', 'item': {'id': 'text'}, 'price': 'minor', 'unitQty': 'whole',
    'isRevenue': 'flag', 'refunded': 'flag', 'exchanged': 'flag', 'isOrderFee': 'flag',
    'modifications': {'elements': [{'amount': 'minor'}]},
    'discounts': {'elements': [discount]},
    'taxRates': {'elements': [{'rate': 'whole', 'taxAmount': 'minor'}]},
} %}

with

landed as (
    {{ newest_per_key('clover', 'orders') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'merchant_id': 'text!', 'currency': 'text!', 'total': 'minor', 'paymentState': 'text', 'state': 'text',
        'isVat': 'flag', 'taxRemoved': 'flag', 'testMode': 'flag',
        'createdTime': 'milliseconds!', 'clientCreatedTime': 'milliseconds', 'modifiedTime': 'milliseconds',
        'deletedTimestamp': 'milliseconds',
        'employee': {'id': 'text'}, 'device': {'id': 'text'}, 'customers': {'elements': [{'id': 'text'}]},
        'lineItems': {'elements': [line]}, 'moreLineItems': {'elements': [line]},
        'discounts': {'elements': [discount]},
        'serviceCharge': {'percentageDecimal': 'whole', 'percentage': 'whole'},
    }) }}
),

renamed as (
    select
        -- ids
        payload.id as clover_order_id,
        payload.merchant_id as clover_merchant_id,
        {{ first_element('payload.customers.elements') }}.id as clover_customer_id,
        payload.employee.id as clover_employee_id,
        payload.device.id as clover_device_id,

        -- state
        payload.state as order_state,
        payload.paymentState as payment_state,
        coalesce({{ flag('payload.testMode') }}, false) as is_test,
        coalesce({{ flag('payload.isVat') }}, false) as has_taxes_included,
        coalesce({{ flag('payload.taxRemoved') }}, false) as is_tax_removed,

        -- money
        payload.currency as currency_code,
        -- As the last till or app wrote it: without a tip, and maybe without what was given back since.
        {{ minor('payload.total') }} as written_total_minor,
        -- Of ten thousand parts of a percent.
        coalesce(
            {{ whole('payload.serviceCharge.percentageDecimal') }},
            10000 * {{ whole('payload.serviceCharge.percentage') }}, 0
        ) as service_charge_rate,

        -- parts
        {{ concat_arrays('payload.lineItems.elements', 'payload.moreLineItems.elements') }} as line_items,
        payload.discounts.elements as discounts,

        -- times
        {{ utc_from_milliseconds('payload.createdTime') }} as received_at,
        -- By the till's clock; it may have been offline.
        coalesce(
            {{ utc_from_milliseconds('payload.clientCreatedTime') }}, {{ utc_from_milliseconds('payload.createdTime') }}
        ) as created_at,
        {{ utc_from_milliseconds('payload.modifiedTime') }} as updated_at,
        {{ utc_from_milliseconds('payload.deletedTimestamp') }} as deleted_at,

        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
