{{ entity_stream('shopify_customer_id') }}

with

landed as (
    {{ versions_per_key('shopify', 'customers') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'defaultEmailAddress': {'emailAddress': 'text'}, 'defaultPhoneNumber': {'phoneNumber': 'text'},
        'createdAt': 'time!', 'updatedAt': 'time!',
    }) }}
),

renamed as (
    select
        {{ gid_number('payload.id') }} as shopify_customer_id,
        payload.defaultEmailAddress.emailAddress as email,
        payload.defaultPhoneNumber.phoneNumber as phone,
        {{ utc('payload.createdAt') }} as created_at,
        {{ utc('payload.updatedAt') }} as changed_at,
        connection,
        recency,
        _faults,
        _load_id,
        _extracted_at
    from parsed
),

contacts as (
    {{ contacts_in_time('renamed', 'shopify_customer_id', ['email', 'phone']) }}
)

{{ staged_entities('contacts', 'shopify_customer_id') }}
