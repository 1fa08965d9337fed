{{ entity_stream('campaign_id') }}

with

landed as (
    {{ newest_per_key('google_ads', 'campaigns') }}
),

parsed as (
    select
        {{ json_record('_payload', {
            'campaign': {
                'id': 'text', 'resourceName': 'text', 'name': 'text', 'status': 'text',
                'advertisingChannelType': 'text', 'startDateTime': 'text', 'endDateTime': 'text',
            },
            'campaignBudget': {'amountMicros': 'text'},
        }) }} as payload,
        connection,
        _load_id,
        _extracted_at
    from landed
),

renamed as (
    select
        payload.campaign.id as campaign_id,
        -- customers/<account>/campaigns/<campaign>
        split_part(payload.campaign.resourceName, '/', 2) as account_id,
        payload.campaign.name as campaign_name,
        payload.campaign.advertisingChannelType as channel_type,
        payload.campaign.status as status,
        -- The account's own clock: '2026-02-01 00:00:00'.
        cast(substring(payload.campaign.startDateTime, 1, 10) as date) as start_date,
        cast(substring(payload.campaign.endDateTime, 1, 10) as date) as end_date,
        cast(payload.campaignBudget.amountMicros as bigint) as daily_budget_micros,
        connection,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed', 'campaign_id') }}
