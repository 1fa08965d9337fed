with

spend as (
    select
        spend_date as report_date,
        campaign_id,
        cast(sum(spend_reporting_minor) as bigint) as spend_minor,
        cast(sum(impression_count) as bigint) as impression_count,
        cast(sum(click_count) as bigint) as click_count,
        cast(sum(claimed_conversions) as decimal(18, 6)) as claimed_conversion_count,
        cast(sum(claimed_value_reporting_minor) as bigint) as claimed_minor
    from {{ ref('fct_ad_spend') }}
    group by spend_date, campaign_id
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
),

attribution as (
    select * from {{ ref('fct_attribution') }}
    where
        attribution_model = '{{ var("attribution_model") }}'
        and conversion_type in ('web_order', 'till_order', 'store_visit', 'booking', 'lead')
),

orders as (
    select * from {{ ref('fct_orders') }}
),

visits as (
    select * from {{ ref('fct_store_visits') }}
),

footfall as (
    select * from {{ ref('fct_store_footfall') }}
),

-- A known visit stands for the people of its day; for itself where nobody knows how many came.
credited as (
    select
        attribution.cash_date,
        attribution.channel,
        coalesce(attribution.campaign_id, '') as campaign_id,
        case when attribution.conversion_type in ('web_order', 'till_order') then attribution.credit_share else 0 end
            as order_share,
        case when attribution.conversion_type = 'till_order' then attribution.credit_share else 0 end as store_share,
        case
            when attribution.conversion_type = 'till_order' and attribution.direction = 'online_to_offline'
                then attribution.credit_share
            else 0
        end as online_to_store_share,
        case
            when attribution.conversion_type = 'web_order' and attribution.direction = 'offline_to_online'
                then attribution.credit_share
            else 0
        end as store_to_online_share,
        case when attribution.conversion_type = 'booking' then attribution.credit_share else 0 end as booking_share,
        case when attribution.conversion_type = 'lead' then attribution.credit_share else 0 end as lead_share,
        case when orders.customer_order_number = 1 then attribution.credit_share else 0 end as new_customer_share,
        case when attribution.conversion_type = 'web_order' then attribution.credit_reporting_minor end as online_minor,
        case when attribution.conversion_type = 'till_order' then attribution.credit_reporting_minor end as store_minor,
        case when visits.visit_id is null then 0 else attribution.credit_share end as visit_share,
        case when visits.visit_id is null then 0 else attribution.credit_share * coalesce(footfall.visit_weight, 1) end
            as visitors
    from attribution
    left join orders
        on attribution.conversion_id = orders.order_id
    left join visits
        on attribution.conversion_id = visits.visit_id
    left join footfall
        on
            visits.store_id = footfall.store_id
            and visits.visit_date = footfall.footfall_date
),

credits as (
    select
        cash_date as report_date,
        channel,
        campaign_id,
        cast(sum(order_share) as decimal(18, 6)) as order_count,
        cast(sum(store_share) as decimal(18, 6)) as store_order_count,
        cast(sum(online_to_store_share) as decimal(18, 6)) as online_to_store_order_count,
        cast(sum(store_to_online_share) as decimal(18, 6)) as store_to_online_order_count,
        cast(sum(new_customer_share) as decimal(18, 6)) as new_customer_count,
        cast(sum(booking_share) as decimal(18, 6)) as booking_count,
        cast(sum(lead_share) as decimal(18, 6)) as lead_count,
        cast(coalesce(sum(online_minor), 0) as bigint) as online_minor,
        cast(coalesce(sum(store_minor), 0) as bigint) as store_minor,
        cast(sum(visit_share) as decimal(18, 6)) as known_visit_count,
        cast(sum(visitors) as decimal(18, 6)) as visitor_count
    from credited
    group by cash_date, channel, campaign_id
),

spent as (
    select
        spend.*,
        campaigns.channel
    from spend
    inner join campaigns
        on spend.campaign_id = campaigns.campaign_id
),

spine as (
    select
        report_date,
        channel,
        campaign_id
    from credits
    union
    select
        report_date,
        channel,
        campaign_id
    from spent
)

select
    {{ hash_key(['spine.report_date', 'spine.channel', 'spine.campaign_id']) }} as campaign_daily_id,
    spine.report_date,
    spine.channel,
    nullif(spine.campaign_id, '') as campaign_id,
    {{ reporting_amount('coalesce(spent.spend_minor, 0)') }} as spend_amount,
    coalesce(spent.impression_count, 0) as impression_count,
    coalesce(spent.click_count, 0) as click_count,
    coalesce(spent.claimed_conversion_count, 0) as claimed_conversion_count,
    {{ reporting_amount('coalesce(spent.claimed_minor, 0)') }} as claimed_amount,
    coalesce(credits.order_count, 0) as order_count,
    coalesce(credits.store_order_count, 0) as store_order_count,
    coalesce(credits.online_to_store_order_count, 0) as online_to_store_order_count,
    coalesce(credits.store_to_online_order_count, 0) as store_to_online_order_count,
    coalesce(credits.new_customer_count, 0) as new_customer_count,
    coalesce(credits.booking_count, 0) as booking_count,
    coalesce(credits.lead_count, 0) as lead_count,
    {{ reporting_amount('coalesce(credits.online_minor, 0)') }} as online_revenue_amount,
    {{ reporting_amount('coalesce(credits.store_minor, 0)') }} as store_revenue_amount,
    {{ reporting_amount('(coalesce(credits.online_minor, 0) + coalesce(credits.store_minor, 0))') }} as revenue_amount,
    coalesce(credits.known_visit_count, 0) as known_visit_count,
    coalesce(credits.visitor_count, 0) as visitor_count
from spine
left join spent
    on
        spine.report_date = spent.report_date
        and spine.channel = spent.channel
        and spine.campaign_id = spent.campaign_id
left join credits
    on
        spine.report_date = credits.report_date
        and spine.channel = credits.channel
        and spine.campaign_id = credits.campaign_id
