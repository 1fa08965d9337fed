{{ config(materialized='view') }}

with

campaigns as (
    select * from {{ staged('stg_meta_ads__campaigns') }}
),

accounts as (
    select * from {{ staged('stg_meta_ads__ad_accounts') }}
)

select
    campaigns.connection,
    'meta_ads' as source_system,
    campaigns._load_id,
    'meta_ads' as platform,
    campaigns.account_id,
    campaigns.campaign_id,
    campaigns.campaign_name,
    campaigns.objective as channel_type,
    campaigns.status,
    campaigns.start_date,
    campaigns.end_date,
    campaigns.daily_budget_units
    * case
        when accounts.currency_code is null then null
        -- The vendor's own list of currencies without hundredths; it is not ISO's.
        when
            accounts.currency_code in (
                'CLP', 'COP', 'CRC', 'HUF', 'IDR', 'ISK', 'JPY', 'KRW', 'PYG', 'TWD', 'VND'
            )
            then 1000000
        else 10000
    end as daily_budget_micros
from campaigns
left join accounts
    on
        campaigns.connection = accounts.connection
        and campaigns.account_id = accounts.account_id
