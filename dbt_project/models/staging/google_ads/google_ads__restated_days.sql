{{ config(materialized='view') }}

select
    connection,
    'google_ads' as source_system,
    max(_load_id) as _load_id,
    'ad_spend' as contract_name,
    report_date as restated_date
from {{ ref('base_google_ads__campaign_performance') }}
group by connection, report_date
union all
select
    connection,
    'google_ads' as source_system,
    max(_load_id) as _load_id,
    'ad_clicks' as contract_name,
    click_date as restated_date
from {{ ref('base_google_ads__click_views') }}
group by connection, click_date
