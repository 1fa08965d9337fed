{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('google_ads', 'campaigns') }}
),

parsed as (
    {{ opened('landed', {
        'campaign': {
            'id': 'text!', 'resourceName': 'text!', 'name': 'text', 'status': 'text',
            'advertisingChannelType': 'text', 'startDateTime': 'day?', 'endDateTime': 'day?',
        },
        'campaignBudget': {'amountMicros': 'whole?'},
    }) }}
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
        {{ day('payload.campaign.startDateTime') }} as start_date,
        {{ day('payload.campaign.endDateTime') }} as end_date,
        {{ whole('payload.campaignBudget.amountMicros') }} as daily_budget_micros,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
