{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('clover', 'customers') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'merchant_id': 'text!', 'firstName': 'text', 'lastName': 'text', 'marketingAllowed': 'flag?',
        'customerSince': 'milliseconds?',
        'emailAddresses': {'elements': [{'emailAddress': 'text', 'primaryEmail': 'flag?'}]},
        'phoneNumbers': {'elements': [{'phoneNumber': 'text'}]},
        'addresses': {'elements': [{'address1': 'text', 'city': 'text', 'zip': 'text', 'country': 'text'}]},
        'metadata': {'dobYear': 'count?', 'dobMonth': 'count?', 'dobDay': 'count?', 'modifiedTime': 'milliseconds?'},
    }) }}
),

renamed as (
    select
        payload.id as clover_customer_id,
        payload.merchant_id as clover_merchant_id,
        payload.firstName as first_name,
        payload.lastName as last_name,
        {{ birth_date(
            "concat(payload.metadata.dobYear, '-', lpad(payload.metadata.dobMonth, 2, '0'), '-', lpad(payload.metadata.dobDay, 2, '0'))"
        ) }} as birth_date,
        {{ flag('payload.marketingAllowed') }} as is_marketing_allowed,
        payload.emailAddresses.elements as email_addresses,
        payload.phoneNumbers.elements as phone_numbers,
        {{ first_element('payload.addresses.elements') }}.address1 as street,
        {{ first_element('payload.addresses.elements') }}.city as city,
        {{ first_element('payload.addresses.elements') }}.zip as postal_code,
        {{ first_element('payload.addresses.elements') }}.country as country_code,
        {{ utc_from_milliseconds('payload.customerSince') }} as created_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
