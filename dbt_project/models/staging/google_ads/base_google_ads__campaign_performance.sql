{{ report_stream('report_date') }}

with

landed as (
    {{ newest_per_day('google_ads', 'campaign_performance', 'report_date') }}
),

parsed as (
    {{ opened('landed', {
        'campaign': {'id': 'text!', 'resourceName': 'text!'},
        'metrics': {
            'impressions': 'whole', 'clicks': 'whole', 'costMicros': 'whole',
            'conversions': 'amount', 'conversionsValue': 'amount',
        },
    }) }}
),

renamed as (
    select
        {{ day('_cursor') }} as report_date,
        _key as report_key,
        payload.campaign.id as campaign_id,
        split_part(payload.campaign.resourceName, '/', 2) as account_id,
        -- The vendor leaves a metric out when it is zero.
        coalesce({{ whole('payload.metrics.impressions') }}, 0) as impression_count,
        coalesce({{ whole('payload.metrics.clicks') }}, 0) as click_count,
        coalesce({{ whole('payload.metrics.costMicros') }}, 0) as cost_micros,
        coalesce(cast({{ amount('payload.metrics.conversions') }} as decimal(18, 6)), 0) as claimed_conversions,
        coalesce(cast({{ amount('payload.metrics.conversionsValue') }} as decimal(18, 6)), 0) as claimed_value_amount,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_days('renamed', 'report_date') }}
