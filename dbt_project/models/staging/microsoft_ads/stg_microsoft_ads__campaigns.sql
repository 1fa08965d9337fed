{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('microsoft_ads', 'campaigns') }}
),

parsed as (
    {{ opened('landed', {
        'Id': 'text!', 'AccountId': 'text!', 'Name': 'text', 'Status': 'text', 'CampaignType': 'text',
        'BudgetType': 'text', 'DailyBudget': 'amount?', 'StartDate': 'day?', 'EndDate': 'day?',
    }) }}
),

renamed as (
    select
        payload.Id as campaign_id,
        payload.AccountId as account_id,
        payload.Name as campaign_name,
        payload.CampaignType as channel_type,
        payload.Status as status,
        -- The account's own clock: '2026-02-01T00:00:00'.
        {{ day('payload.StartDate') }} as start_date,
        {{ day('payload.EndDate') }} as end_date,
        -- One for the whole of the campaign is no daily one, and 0 is none.
        case
            when coalesce(payload.BudgetType, '') not like 'Lifetime%'
                then nullif({{ to_micros('payload.DailyBudget') }}, 0)
        end as daily_budget_micros,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
