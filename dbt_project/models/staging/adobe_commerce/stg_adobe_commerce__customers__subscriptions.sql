{{ entity_stream('adobe_commerce_customer_id') }}

with

landed as (
    {{ versions_per_key('adobe_commerce', 'customers') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'extension_attributes': {'is_subscribed': 'text'},
        'created_at': 'time!', 'updated_at': 'time!',
    }) }}
),

renamed as (
    select
        payload.id as adobe_commerce_customer_id,
        case when payload.extension_attributes.is_subscribed in ('true', '1') then 'yes' else 'no' end as is_subscribed,
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
    {{ contacts_in_time('dated', 'adobe_commerce_customer_id', ['is_subscribed']) }}
)

{{ staged_entities('contacts', 'adobe_commerce_customer_id') }}
