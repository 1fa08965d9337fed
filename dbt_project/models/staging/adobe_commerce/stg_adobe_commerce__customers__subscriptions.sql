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
        -- A change that no update time told was seen when it landed.
        case
            when {{ utc('payload.updated_at') }} > lag({{ utc('payload.updated_at') }}) over (
                partition by connection, _key
                order by recency desc
            )
                then {{ utc('payload.updated_at') }}
            else _extracted_at
        end as changed_at,
        connection,
        recency,
        _faults,
        _load_id,
        _extracted_at
    from parsed
),

contacts as (
    {{ contacts_in_time('renamed', 'adobe_commerce_customer_id', ['is_subscribed']) }}
)

{{ staged_entities('contacts', 'adobe_commerce_customer_id') }}
