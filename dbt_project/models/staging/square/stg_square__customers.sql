{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('square', 'customers') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'email_address': 'text', 'phone_number': 'text', 'given_name': 'text',
        'family_name': 'text', 'birthday': 'day?',
        'address': {'address_line_1': 'text', 'locality': 'text', 'postal_code': 'text', 'country': 'text'},
        'reference_id': 'text', 'preferences': {'email_unsubscribed': 'flag?'},
        'created_at': 'time!', 'updated_at': 'time!', 'deleted': 'text',
    }) }}
),

renamed as (
    select
        payload.id as square_customer_id,
        payload.email_address as email,
        payload.phone_number as phone,
        payload.given_name as first_name,
        payload.family_name as last_name,
        {{ birth_date('payload.birthday') }} as birth_date,
        payload.address.address_line_1 as street,
        payload.address.locality as city,
        payload.address.postal_code as postal_code,
        payload.address.country as country_code,
        -- The company keeps the printed number of the loyalty card in Square's free reference.
        payload.reference_id as loyalty_card_no,
        coalesce({{ flag('payload.preferences.email_unsubscribed') }}, false) as is_email_unsubscribed,
        coalesce(payload.deleted = 'true', false) as is_deleted,
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
