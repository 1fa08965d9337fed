{{ config(materialized='view') }}

with

listed as (
    select * from {{ staged('stg_microsoft_ads__campaigns') }}
),

reported as (
    select
        *,
        row_number() over (partition by connection, account_id, campaign_id order by report_date desc) as place
    from {{ ref('stg_microsoft_ads__campaign_performance') }}
),

-- A deleted campaign leaves the list, and reports go on telling its name, kind and status.
told as (
    select * from reported
    where place = 1
)

select
    coalesce(listed.connection, told.connection) as connection,
    'microsoft_ads' as source_system,
    coalesce(listed._load_id, told._load_id) as _load_id,
    'microsoft_ads' as platform,
    coalesce(listed.account_id, told.account_id) as account_id,
    coalesce(listed.campaign_id, told.campaign_id) as campaign_id,
    coalesce(listed.campaign_name, told.campaign_name) as campaign_name,
    coalesce(listed.channel_type, told.channel_type) as channel_type,
    case when told.status = 'Deleted' then told.status else coalesce(listed.status, told.status) end as status,
    listed.start_date,
    listed.end_date,
    listed.daily_budget_micros
from listed
full outer join told
    on
        listed.connection = told.connection
        and listed.account_id = told.account_id
        and listed.campaign_id = told.campaign_id
