{{ report_stream('total_date') }}

with

landed as (
    {{ newest_per_day('ga4_reports', 'totals', 'total_date') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

parsed as (
    {{ opened('landed', {
        'property': 'text!', 'timeZone': 'zone?', 'currencyCode': 'text',
        'sessionSource': 'text', 'sessionMedium': 'text', 'sessionCampaignName': 'text',
        'sessions': 'count!', 'totalUsers': 'count', 'ecommercePurchases': 'count', 'purchaseRevenue': 'amount',
        'dataLossFromOtherRow': 'flag?', 'subjectToThresholding': 'flag?',
        'samplesReadCount': 'whole?', 'samplingSpaceSize': 'whole?',
    }) }}
),

renamed as (
    select
        {{ day('parsed._cursor') }} as total_date,
        parsed._key as total_key,
        parsed.payload.property as property_id,
        {{ zone('parsed.payload.timeZone') }} as time_zone,

        -- Google's own words for nothing.
        case
            when parsed.payload.sessionSource not in ('(direct)', '(not set)', '') then parsed.payload.sessionSource
        end as source,
        case
            when parsed.payload.sessionMedium not in ('(none)', '(not set)', '') then parsed.payload.sessionMedium
        end as medium,
        case
            when
                parsed.payload.sessionCampaignName not in ('(direct)', '(organic)', '(referral)', '(not set)', '')
                then parsed.payload.sessionCampaignName
        end as campaign_name,

        {{ counted('parsed.payload.sessions') }} as session_count,
        {{ counted('parsed.payload.totalUsers') }} as visitor_count,
        {{ counted('parsed.payload.ecommercePurchases') }} as order_count,
        currencies.currency_code,
        {{ to_minor('parsed.payload.purchaseRevenue', 'currencies.exponent') }} as revenue_minor,

        -- what the report says of itself
        coalesce({{ flag('parsed.payload.dataLossFromOtherRow') }}, false) as is_rolled_up,
        coalesce({{ flag('parsed.payload.subjectToThresholding') }}, false) as is_thresholded,
        coalesce(
            {{ whole('parsed.payload.samplesReadCount') }} < {{ whole('parsed.payload.samplingSpaceSize') }}, false
        ) as is_sampled,
        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
    left join currencies
        on parsed.payload.currencyCode = currencies.currency_code
)

{{ staged_days('renamed', 'total_date') }}
