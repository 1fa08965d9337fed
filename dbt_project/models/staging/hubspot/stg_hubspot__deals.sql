{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('hubspot', 'deals') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

opened as (
    {{ opened('landed', {
        'id': 'text!', 'createdAt': 'time!', 'updatedAt': 'time', 'deleted': 'text',
        'companyCurrency': 'text',
        'properties': {
            'dealname': 'text', 'amount': 'amount', 'deal_currency_code': 'text',
            'dealstage': 'text', 'pipeline': 'text', 'hs_is_closed': 'flag?', 'hs_is_closed_won': 'flag?',
            'hs_analytics_source': 'text', 'closedate': 'time?', 'order_name': 'text',
        },
        'associations': {'contacts': [{'toObjectId': 'text'}]},
    }) }}
),

parsed as (
    select
        *,
        -- A portal with one currency names it in no deal.
        coalesce(nullif(payload.properties.deal_currency_code, ''), payload.companyCurrency) as named_currency_code
    from opened
),

renamed as (
    select
        payload.id as hubspot_deal_id,
        {{ first_element('payload.associations.contacts') }}.toObjectId as hubspot_contact_id,
        payload.properties.order_name as order_name,
        payload.properties.dealname as deal_name,
        payload.properties.dealstage as deal_stage,
        payload.properties.pipeline as hubspot_pipeline_id,
        {{ flag('payload.properties.hs_is_closed') }} as is_closed,
        {{ flag('payload.properties.hs_is_closed_won') }} as is_closed_won,
        nullif(payload.properties.hs_analytics_source, '') as lead_source,
        named_currency_code as currency_code,
        coalesce(payload.deleted = 'true', false) as is_deleted,
        {{ to_minor('payload.properties.amount', 'currencies.exponent') }} as amount_minor,
        {{ utc('payload.properties.closedate') }} as closed_at,
        {{ utc('payload.createdAt') }} as created_at,
        {{ utc('payload.updatedAt') }} as updated_at,
        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
    left join currencies
        on parsed.named_currency_code = currencies.currency_code
)

{{ staged_entities('renamed') }}
