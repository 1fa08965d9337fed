{{ entity_stream('loyalty_account_id') }}

with

landed as (
    {{ newest_per_key('square', 'loyalty_accounts') }}
),

parsed as (
    select
        {{ json_record('_payload', {
            'id': 'text', 'customer_id': 'text', 'mapping': {'phone_number': 'text'},
            'balance': 'text', 'lifetime_points': 'text', 'enrolled_at': 'text',
            'created_at': 'text', 'updated_at': 'text',
        }) }} as payload,
        connection,
        _load_id,
        _extracted_at
    from landed
),

renamed as (
    select
        payload.id as loyalty_account_id,
        payload.customer_id as square_customer_id,
        payload.mapping.phone_number as phone,
        cast(payload.balance as bigint) as point_balance,
        cast(payload.lifetime_points as bigint) as lifetime_point_count,
        {{ utc('payload.enrolled_at') }} as enrolled_at,
        {{ utc('payload.created_at') }} as created_at,
        {{ utc('payload.updated_at') }} as updated_at,
        connection,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed', 'loyalty_account_id') }}
