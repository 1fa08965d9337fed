{{ config(materialized='view') }}

with

clicks as (
    select * from {{ ref('stg_google_ads__click_views') }}
),

accounts as (
    select * from {{ ref('stg_google_ads__customers') }}
)

select
    clicks.connection,
    'google_ads' as source_system,
    'google_ads' as platform,
    clicks.click_id,
    -- A connection reads one account; its clicks do not name it.
    accounts.account_id,
    clicks.campaign_id,
    clicks.click_date
from clicks
left join accounts
    on clicks.connection = accounts.connection
