{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('square', 'loyalty_accounts') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'customer_id': 'text', 'mapping': {'phone_number': 'text'},
        'balance': 'whole?', 'lifetime_points': 'whole?', 'enrolled_at': 'time?',
        'created_at': 'time!', 'updated_at': 'time',
    }) }}
),

renamed as (
    select
        payload.id as loyalty_account_id,
        payload.customer_id as square_customer_id,
        payload.mapping.phone_number as phone,
        {{ whole('payload.balance') }} as point_balance,
        {{ whole('payload.lifetime_points') }} as lifetime_point_count,
        coalesce({{ utc('payload.enrolled_at') }}, {{ utc('payload.created_at') }}) as enrolled_at,
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
