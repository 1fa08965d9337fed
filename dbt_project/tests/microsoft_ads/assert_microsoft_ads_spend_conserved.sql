-- Per account, days of campaigns, clicks and money in the contract are those that were staged and can be read.
with

both_sides as (
    select
        account_id,
        1 as staged_count,
        cost_micros as staged_micros,
        click_count as staged_clicks,
        0 as conformed_count,
        0 as conformed_micros,
        0 as conformed_clicks
    from {{ ref('base_microsoft_ads__campaign_performance') }}
    where report_key is not null and {{ is_sound() }}
    union all
    select
        account_id,
        0 as staged_count,
        0 as staged_micros,
        0 as staged_clicks,
        1 as conformed_count,
        cost_micros as conformed_micros,
        click_count as conformed_clicks
    from {{ ref('ad_spend') }}
    where source_system = 'microsoft_ads'
)

select
    account_id,
    sum(staged_count) as staged_count,
    sum(conformed_count) as conformed_count,
    sum(staged_micros) as staged_micros,
    sum(conformed_micros) as conformed_micros
from both_sides
group by account_id
having
    sum(staged_count) <> sum(conformed_count)
    or sum(staged_micros) <> sum(conformed_micros)
    or sum(staged_clicks) <> sum(conformed_clicks)
