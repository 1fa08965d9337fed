{{ report_stream('report_date') }}

with

landed as (
    {{ newest_per_day('google_ads', 'campaign_performance', 'report_date') }}
),

parsed as (
    select
        cast(_cursor as date) as report_date,
        _key,
        {{ json_record('_payload', {
            'campaign': {'id': 'text', 'resourceName': 'text'},
            'metrics': {
                'impressions': 'text', 'clicks': 'text', 'costMicros': 'text',
                'conversions': 'text', 'conversionsValue': 'text',
            },
        }) }} as payload,
        connection,
        _load_id,
        _extracted_at
    from landed
),

renamed as (
    select
        report_date,
        _key as report_key,
        payload.campaign.id as campaign_id,
        split_part(payload.campaign.resourceName, '/', 2) as account_id,
        -- The vendor leaves a metric out when it is zero.
        coalesce(cast(payload.metrics.impressions as bigint), 0) as impression_count,
        coalesce(cast(payload.metrics.clicks as bigint), 0) as click_count,
        coalesce(cast(payload.metrics.costMicros as bigint), 0) as cost_micros,
        coalesce(cast(payload.metrics.conversions as decimal(18, 6)), 0) as claimed_conversions,
        coalesce(cast(payload.metrics.conversionsValue as decimal(18, 6)), 0) as claimed_value_amount,
        connection,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_days('renamed', 'report_date') }}
