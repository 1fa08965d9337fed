{{ entity_stream() }}

{%- set code = {'id': 'text!', 'code': 'text', 'asyncUsageCount': 'count'} %}

with

landed as (
    {{ newest_per_key('shopify', 'discounts') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!',
        'discount': {
            '__typename': 'text', 'title': 'text', 'status': 'text', 'startsAt': 'time', 'endsAt': 'time',
            'createdAt': 'time', 'updatedAt': 'time!', 'asyncUsageCount': 'count', 'usageLimit': 'count',
            'codes': {'nodes': [code]},
            'context': {'customers': [{'id': 'text'}]},
            'customerGets': {
                'value': {'percentage': 'rate', 'amount': {'amount': 'amount', 'currencyCode': 'text'}},
            },
        },
        'moreCodes': [code], 'deleted': 'text',
    }) }}
),

renamed as (
    select
        {{ gid_number('payload.id') }} as shopify_discount_id,
        payload.discount.{{ adapter.quote('__typename') }} as discount_type,
        payload.discount.title as title,
        payload.discount.status as status,
        {{ concat_arrays('payload.discount.codes.nodes', 'payload.moreCodes') }} as codes,
        -- Whom it is for, where it is for one person alone.
        case
            when {{ element_count('payload.discount.context.customers') }} = 1
                then {{ gid_number(first_element('payload.discount.context.customers') ~ '.id') }}
        end as shopify_customer_id,
        cast({{ rate('payload.discount.customerGets.value.percentage') }} as decimal(9, 6)) as discount_rate,
        currencies.currency_code,
        {{ to_minor('payload.discount.customerGets.value.amount.amount', 'currencies.exponent') }} as discount_minor,
        {{ counted('payload.discount.usageLimit') }} as usage_limit,
        {{ counted('payload.discount.asyncUsageCount') }} as used_count,
        coalesce(payload.deleted = 'true', false) as is_deleted,
        {{ utc('payload.discount.startsAt') }} as starts_at,
        {{ utc('payload.discount.endsAt') }} as ends_at,
        {{ utc('payload.discount.createdAt') }} as created_at,
        {{ utc('payload.discount.updatedAt') }} as updated_at,
        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
    left join currencies
        on parsed.payload.discount.customerGets.value.amount.currencyCode = currencies.currency_code
)

{{ staged_entities('renamed') }}
