{{ entity_stream('adobe_commerce_customer_id') }}

{%- set billed = filter_elements('payload.addresses', "element.default_billing in ('true', '1')") %}

with

landed as (
    {{ versions_per_key('adobe_commerce', 'customers') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'email': 'text', 'addresses': [{'telephone': 'text', 'default_billing': 'text'}],
        'created_at': 'time!', 'updated_at': 'time!',
    }) }}
),

renamed as (
    select
        payload.id as adobe_commerce_customer_id,
        payload.email as email,
        coalesce(
            {{ first_element(billed) }}.telephone, {{ first_element('payload.addresses') }}.telephone
        ) as phone,
        {{ utc('payload.created_at') }} as created_at,
        {{ utc('payload.updated_at') }} as updated_at,
        connection,
        _key,
        recency,
        _faults,
        _load_id,
        _extracted_at
    from parsed
),

dated as (
    {{ dated_versions('renamed') }}
),

contacts as (
    {{ contacts_in_time('dated', 'adobe_commerce_customer_id', ['email', 'phone']) }}
)

{{ staged_entities('contacts', 'adobe_commerce_customer_id') }}
