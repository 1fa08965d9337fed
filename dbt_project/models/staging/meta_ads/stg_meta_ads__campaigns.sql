{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('meta_ads', 'campaigns') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'account_id': 'text!', 'name': 'text', 'objective': 'text', 'effective_status': 'text',
        'start_time': 'day?', 'stop_time': 'day?', 'daily_budget': 'minor?', 'lifetime_budget': 'minor?',
    }) }}
),

renamed as (
    select
        payload.id as campaign_id,
        payload.account_id as account_id,
        payload.name as campaign_name,
        payload.objective as objective,
        payload.effective_status as status,
        -- By the account's own clock: 2026-02-01T00:00:00-0800.
        {{ day('payload.start_time') }} as start_date,
        -- One that stops at midnight does not run on that day any more.
        case
            when payload.stop_time like '%T00:00:00%'
                then cast({{ day('payload.stop_time') }} - interval 1 day as date)
            else {{ day('payload.stop_time') }}
        end as end_date,
        -- In hundredths, or whole units of the currencies that the vendor counts without any. No budget is told as 0.
        nullif({{ minor('payload.daily_budget') }}, 0) as daily_budget_units,
        nullif({{ minor('payload.lifetime_budget') }}, 0) as lifetime_budget_units,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
