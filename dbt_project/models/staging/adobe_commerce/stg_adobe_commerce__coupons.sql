{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('adobe_commerce', 'coupons') }}
),

parsed as (
    {{ opened('landed', {
        'coupon_id': 'text!', 'rule_id': 'text!', 'code': 'text', 'usage_limit': 'whole?', 'times_used': 'whole?',
        'expiration_date': 'text', 'created_at': 'text', 'type': 'text',
    }) }}
),

renamed as (
    select
        payload.coupon_id as adobe_commerce_coupon_id,
        payload.rule_id as adobe_commerce_rule_id,
        payload.code as coupon_code,
        {{ whole('payload.usage_limit') }} as usage_limit,
        {{ whole('payload.times_used') }} as used_count,
        {{ utc('payload.expiration_date') }} as expires_at,
        {{ utc('payload.created_at') }} as created_at,

        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
