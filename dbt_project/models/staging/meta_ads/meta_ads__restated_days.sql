{{ config(materialized='view') }}

select
    connection,
    'meta_ads' as source_system,
    max(_load_id) as _load_id,
    'ad_spend' as contract_name,
    report_date as restated_date
from {{ ref('base_meta_ads__campaign_insights') }}
group by connection, report_date
