{{ report_stream('report_date') }}

with

landed as (
    {{ newest_per_day('tiktok_ads', 'campaign_reports', 'report_date') }}
),

parsed as (
    {{ opened('landed', {
        'advertiser_id': 'text!',
        'dimensions': {'campaign_id': 'text!'},
        'metrics': {
            'spend': 'amount!', 'impressions': 'whole', 'clicks': 'whole', 'conversion': 'amount?',
            'complete_payment': 'amount', 'total_complete_payment_rate': 'amount',
            'vta_complete_payment': 'amount?', 'vta_complete_payment_value': 'amount?',
        },
    }) }}
),

renamed as (
    select
        {{ day('_cursor') }} as report_date,
        _key as report_key,
        payload.dimensions.campaign_id as campaign_id,
        payload.advertiser_id as account_id,
        -- A dash stands for none.
        coalesce({{ whole('payload.metrics.impressions') }}, 0) as impression_count,
        coalesce({{ whole('payload.metrics.clicks') }}, 0) as click_count,
        {{ to_micros('payload.metrics.spend') }} as cost_micros,
        {% for column, metric in (
            ('claimed_conversions', 'complete_payment'),
            ('claimed_value_amount', 'total_complete_payment_rate'),
            ('view_conversions', 'vta_complete_payment'),
            ('view_value_amount', 'vta_complete_payment_value'),
            ('optimised_conversions', 'conversion'),
        ) -%}
        cast(coalesce({{ amount('payload.metrics.' ~ metric) }}, 0) as decimal(18, 6)) as {{ column }},
        {% endfor -%}
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_days('renamed', 'report_date') }}
