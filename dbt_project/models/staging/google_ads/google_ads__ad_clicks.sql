{{ config(materialized='view') }}

select
    'google_ads' as source_system,
    'google_ads' as platform,
    click_id,
    campaign_id,
    click_date
from {{ ref('stg_google_ads__click_views') }}
