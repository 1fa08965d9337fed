{{ entity_stream('square_customer_id') }}

with

landed as (
    {{ versions_per_key('square', 'customers') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'email_address': 'text', 'phone_number': 'text', 'reference_id': 'text', 'created_at': 'time!',
        'updated_at': 'time!',
    }) }}
),

renamed as (
    select
        payload.id as square_customer_id,
        payload.email_address as email,
        payload.phone_number as phone,
        payload.reference_id as loyalty_card_no,
        {{ utc('payload.created_at') }} as created_at,
        {{ utc('payload.updated_at') }} as changed_at,
        connection,
        recency,
        _faults,
        _load_id,
        _extracted_at
    from parsed
),

contacts as (
    {{ contacts_in_time('renamed', 'square_customer_id', ['email', 'phone', 'loyalty_card_no']) }}
)

{{ staged_entities('contacts', 'square_customer_id') }}
