{{ entity_stream() }}

{%- set address = {
    'street': ['text'], 'city': 'text', 'postcode': 'text', 'country_id': 'text', 'telephone': 'text',
    'default_billing': 'text',
} %}
{%- set billed = filter_elements('payload.addresses', "element.default_billing in ('true', '1')") %}

with

landed as (
    {{ newest_per_key('adobe_commerce', 'customers') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'email': 'text', 'firstname': 'text', 'lastname': 'text', 'dob': 'text',
        'created_at': 'time!', 'updated_at': 'time!', 'deleted': 'text',
        'addresses': [address],
        'extension_attributes': {'is_subscribed': 'text'},
    }) }}
),

-- The address that bills are sent to; without one, the first.
addressed as (
    select
        *,
        coalesce({{ first_element(billed) }}, {{ first_element('payload.addresses') }}) as address
    from parsed
),

renamed as (
    select
        payload.id as adobe_commerce_customer_id,
        payload.email as email,
        address.telephone as phone,
        payload.firstname as first_name,
        payload.lastname as last_name,
        {{ birth_date('substring(payload.dob, 1, 10)') }} as birth_date,
        {{ first_element('address.street') }} as street,
        address.city as city,
        address.postcode as postal_code,
        address.country_id as country_code,
        payload.extension_attributes.is_subscribed in ('true', '1') as is_subscribed,
        coalesce(payload.deleted = 'true', false) as is_deleted,
        {{ utc('payload.created_at') }} as created_at,
        {{ utc('payload.updated_at') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from addressed
)

{{ staged_entities('renamed') }}
