{{ config(materialized='view') }}

select
    connection,
    'tiktok_ads' as source_system,
    max(_load_id) as _load_id,
    'ad_spend' as contract_name,
    report_date as restated_date
from {{ ref('base_tiktok_ads__campaign_reports') }}
group by connection, report_date
