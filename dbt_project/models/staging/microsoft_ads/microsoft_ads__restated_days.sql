{{ config(materialized='view') }}

select
    connection,
    'microsoft_ads' as source_system,
    max(_load_id) as _load_id,
    'ad_spend' as contract_name,
    report_date as restated_date
from {{ ref('base_microsoft_ads__campaign_performance') }}
group by connection, report_date
