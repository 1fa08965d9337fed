{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('salesforce', 'opportunities') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

parsed as (
    {{ opened('landed', {
        'Id': 'text!', 'CreatedDate': 'time!', 'SystemModstamp': 'time!', 'IsDeleted': 'flag', 'deleted': 'flag',
        'AccountId': 'text', 'ContactId': 'text', 'Amount': 'amount', 'CurrencyIsoCode': 'text',
        'StageName': 'text', 'IsClosed': 'flag', 'IsWon': 'flag', 'CloseDate': 'day?', 'LastStageChangeDate': 'time?',
        'LeadSource': 'text', 'CampaignId': 'text', 'order_name': 'text',
    }) }}
),

renamed as (
    select
        payload.Id as salesforce_opportunity_id,
        payload.AccountId as salesforce_account_id,
        payload.ContactId as salesforce_contact_id,
        payload.CampaignId as salesforce_campaign_id,
        payload.order_name as order_name,
        payload.StageName as stage_name,
        coalesce({{ flag('payload.IsClosed') }}, false) as is_closed,
        coalesce({{ flag('payload.IsWon') }}, false) as is_won,
        payload.LeadSource as lead_source,
        payload.CurrencyIsoCode as currency_code,
        {{ to_minor('payload.Amount', 'currencies.exponent') }} as amount_minor,
        {{ day('payload.CloseDate') }} as close_date,
        {{ utc('payload.LastStageChangeDate') }} as stage_changed_at,
        coalesce({{ flag('payload.IsDeleted') }}, false)
        or coalesce({{ flag('payload.deleted') }}, false) as is_deleted,
        {{ utc('payload.CreatedDate') }} as created_at,
        {{ utc('payload.SystemModstamp') }} as updated_at,
        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
    left join currencies
        on parsed.payload.CurrencyIsoCode = currencies.currency_code
)

{{ staged_entities('renamed') }}
