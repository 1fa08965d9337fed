{{ report_stream('report_date') }}

with

landed as (
    {{ newest_per_day('microsoft_ads', 'campaign_performance', 'report_date') }}
),

parsed as (
    {{ opened('landed', {
        'AccountId': 'text!', 'CampaignId': 'text!', 'CampaignName': 'text', 'CampaignStatus': 'text',
        'CampaignType': 'text', 'CurrencyCode': 'text', 'Impressions': 'grouped', 'Clicks': 'grouped',
        'Spend': 'grouped', 'ConversionsQualified': 'grouped', 'Revenue': 'grouped',
        'ViewThroughConversionsQualified': 'grouped?',
    }) }}
),

renamed as (
    select
        {{ day('_cursor') }} as report_date,
        _key as report_key,
        payload.CampaignId as campaign_id,
        payload.AccountId as account_id,
        payload.CampaignName as campaign_name,
        payload.CampaignType as channel_type,
        payload.CampaignStatus as status,
        upper(payload.CurrencyCode) as currency_code,
        -- A cell that says that there is nothing is left out.
        coalesce(cast({{ grouped('payload.Impressions') }} as bigint), 0) as impression_count,
        coalesce(cast({{ grouped('payload.Clicks') }} as bigint), 0) as click_count,
        coalesce({{ to_micros(grouped('payload.Spend')) }}, 0) as cost_micros,
        coalesce(cast({{ grouped('payload.ConversionsQualified') }} as decimal(18, 6)), 0) as claimed_conversions,
        coalesce(cast({{ grouped('payload.Revenue') }} as decimal(18, 6)), 0) as claimed_value_amount,
        coalesce(
            cast({{ grouped('payload.ViewThroughConversionsQualified') }} as decimal(18, 6)), 0
        ) as view_conversions,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_days('renamed', 'report_date') }}
