{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('adobe_commerce', 'sales_rules') }}
),

parsed as (
    {{ opened('landed', {
        'rule_id': 'text!', 'name': 'text', 'from_date': 'text', 'to_date': 'text', 'is_active': 'flag?',
        'simple_action': 'text', 'discount_amount': 'amount', 'apply_to_shipping': 'text', 'simple_free_shipping': 'text',
        'coupon_type': 'text', 'uses_per_coupon': 'whole?', 'times_used': 'whole?', 'website_ids': ['text'],
    }) }}
),

renamed as (
    select
        payload.rule_id as adobe_commerce_rule_id,
        payload.name as rule_name,
        -- A shop writes 0000-00-00 for no day.
        {{ day('substring(payload.from_date, 1, 10)') }} as from_date,
        {{ day('substring(payload.to_date, 1, 10)') }} as to_date,
        {{ flag('payload.is_active') }} as is_active,
        payload.simple_action as simple_action,
        {{ amount('payload.discount_amount') }} as discount_amount,
        coalesce(payload.simple_free_shipping, '') in ('1', '2') as is_free_shipping,
        payload.coupon_type as coupon_type,
        {{ whole('payload.uses_per_coupon') }} as usage_limit,
        {{ whole('payload.times_used') }} as used_count,
        payload.website_ids as website_ids,

        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
