with

attribution as (
    select * from {{ ref('fct_attribution') }}
),

ad_spend as (
    select * from {{ ref('fct_ad_spend') }}
),

touchpoints as (
    select * from {{ ref('fct_touchpoints') }}
),

paths as (
    select * from {{ ref('int_attribution__paths') }}
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
),

touch_types as (
    select * from {{ ref('attribution_touch_types') }}
),

attribution_models as (
    select * from {{ ref('int_attribution__models') }}
),

-- Cash books a conversion's credit on its day, accrual on the day of the touch that earned it.
credit_views as (
    select 'cash' as credit_view
    union all
    select 'accrual' as credit_view
),

dated_credits as (
    select
        attribution.*,
        credit_views.credit_view,
        case
            when credit_views.credit_view = 'cash' then attribution.cash_date
            else attribution.accrual_date
        end as report_date
    from attribution
    cross join credit_views
),

credits_by_day as (
    select
        report_date,
        credit_view,
        channel,
        coalesce(campaign_id, '') as campaign_id,
        attribution_model,
        sum(case when conversion_type in ('web_order', 'till_order') then credit_share else 0 end) as order_count,
        sum(case when conversion_type = 'store_visit' then credit_share else 0 end) as store_visit_count,
        sum(case when conversion_type = 'booking' then credit_share else 0 end) as booking_count,
        sum(case when conversion_type = 'lead' then credit_share else 0 end) as lead_count,
        sum(case when conversion_type = 'coupon_redemption' then credit_share else 0 end) as coupon_count,
        sum(case when conversion_type = 'call' then credit_share else 0 end) as call_count,
        sum(case when conversion_type = 'web_order' then credit_reporting_minor else 0 end)
            as online_revenue_minor,
        sum(case when order_channel = 'bopis' then credit_reporting_minor else 0 end)
            as bopis_revenue_minor,
        sum(case when conversion_type = 'till_order' then credit_reporting_minor else 0 end)
            as store_revenue_minor
    from dated_credits
    group by
        report_date,
        credit_view,
        channel,
        coalesce(campaign_id, ''),
        attribution_model
),

spend_by_day as (
    select
        ad_spend.spend_date as report_date,
        campaigns.channel,
        ad_spend.campaign_id,
        sum(ad_spend.spend_reporting_minor) as spend_minor,
        sum(ad_spend.impression_count) as impression_count,
        sum(ad_spend.click_count) as click_count
    from ad_spend
    inner join campaigns
        on ad_spend.campaign_id = campaigns.campaign_id
    group by ad_spend.spend_date, campaigns.channel, ad_spend.campaign_id
),

-- Which touches lie on the path of a till order does not depend on a model.
offline_touches as (
    select distinct touchpoint_id
    from paths
    where
        conversion_type = 'till_order'
        and has_analytics_consent
),

touches_by_day as (
    select
        touchpoints.touch_date as report_date,
        touchpoints.channel,
        coalesce(touchpoints.campaign_id, '') as campaign_id,
        count(*) as online_touch_count,
        count(offline_touches.touchpoint_id) as offline_converted_touch_count
    from touchpoints
    inner join touch_types
        on touchpoints.touch_type = touch_types.touch_type
    left join offline_touches
        on touchpoints.touchpoint_id = offline_touches.touchpoint_id
    where
        touch_types.side = 'online'
        and touchpoints.has_analytics_consent
        and touchpoints.customer_id is not null
    group by touchpoints.touch_date, touchpoints.channel, coalesce(touchpoints.campaign_id, '')
),

-- Every day, channel and campaign that anything is known about, once per model and view.
spine as (
    select
        days.report_date,
        days.channel,
        days.campaign_id,
        attribution_models.attribution_model,
        credit_views.credit_view
    from (
        select
            report_date,
            channel,
            campaign_id
        from credits_by_day
        union
        select
            report_date,
            channel,
            campaign_id
        from spend_by_day
        union
        select
            report_date,
            channel,
            campaign_id
        from touches_by_day
    ) as days
    cross join attribution_models
    cross join credit_views
),

joined as (
    select
        spine.report_date,
        spine.channel,
        spine.campaign_id,
        spine.attribution_model,
        spine.credit_view,
        coalesce(spend_by_day.spend_minor, 0) as spend_minor,
        coalesce(spend_by_day.impression_count, 0) as impression_count,
        coalesce(spend_by_day.click_count, 0) as click_count,
        coalesce(credits_by_day.order_count, 0) as order_count,
        coalesce(credits_by_day.store_visit_count, 0) as store_visit_count,
        coalesce(credits_by_day.booking_count, 0) as booking_count,
        coalesce(credits_by_day.lead_count, 0) as lead_count,
        coalesce(credits_by_day.coupon_count, 0) as coupon_count,
        coalesce(credits_by_day.call_count, 0) as call_count,
        coalesce(credits_by_day.online_revenue_minor, 0) as online_revenue_minor,
        coalesce(credits_by_day.bopis_revenue_minor, 0) as bopis_revenue_minor,
        coalesce(credits_by_day.store_revenue_minor, 0) as store_revenue_minor,
        coalesce(touches_by_day.online_touch_count, 0) as online_touch_count,
        coalesce(touches_by_day.offline_converted_touch_count, 0) as offline_converted_touch_count
    from spine
    left join credits_by_day
        on
            spine.report_date = credits_by_day.report_date
            and spine.channel = credits_by_day.channel
            and spine.campaign_id = credits_by_day.campaign_id
            and spine.attribution_model = credits_by_day.attribution_model
            and spine.credit_view = credits_by_day.credit_view
    left join spend_by_day
        on
            spine.report_date = spend_by_day.report_date
            and spine.channel = spend_by_day.channel
            and spine.campaign_id = spend_by_day.campaign_id
    left join touches_by_day
        on
            spine.report_date = touches_by_day.report_date
            and spine.channel = touches_by_day.channel
            and spine.campaign_id = touches_by_day.campaign_id
)

select
    {{ hash_key([
        'joined.report_date', 'joined.channel', 'joined.campaign_id', 'joined.attribution_model', 'joined.credit_view'
    ]) }} as channel_performance_id,
    joined.report_date,
    joined.channel,
    nullif(joined.campaign_id, '') as campaign_id,
    campaigns.campaign_name,
    joined.attribution_model,
    joined.credit_view,
    '{{ var("reporting_currency") }}' as currency_code,
    {{ reporting_amount('joined.spend_minor') }} as spend_amount,
    cast(joined.impression_count as bigint) as impression_count,
    cast(joined.click_count as bigint) as click_count,
    cast(joined.order_count as decimal(18, 9)) as attributed_order_count,
    cast(joined.store_visit_count as decimal(18, 9)) as attributed_store_visit_count,
    cast(joined.booking_count as decimal(18, 9)) as attributed_booking_count,
    cast(joined.lead_count as decimal(18, 9)) as attributed_lead_count,
    cast(joined.coupon_count as decimal(18, 9)) as attributed_coupon_count,
    cast(joined.call_count as decimal(18, 9)) as attributed_call_count,
    {{ reporting_amount('joined.online_revenue_minor') }} as online_revenue_amount,
    {{ reporting_amount('joined.bopis_revenue_minor') }} as bopis_revenue_amount,
    {{ reporting_amount('joined.store_revenue_minor') }} as store_revenue_amount,
    {{ reporting_amount('joined.online_revenue_minor + joined.store_revenue_minor') }} as revenue_amount,
    case
        when joined.spend_minor > 0 and joined.order_count > 0
            then
                {{ exact_ratio(
                    'joined.spend_minor * ' ~ 10 ** (9 - var('reporting_exponent') | int), 'cast(joined.order_count * 1000000000 as bigint)', 4
                ) }}
    end as cost_per_order_amount,
    case
        when joined.spend_minor > 0
            then
                {{ exact_ratio(
                    '(joined.online_revenue_minor + joined.store_revenue_minor)', 'joined.spend_minor', 6
                ) }}
    end as return_on_ad_spend,
    cast(joined.online_touch_count as bigint) as online_touch_count,
    cast(joined.offline_converted_touch_count as bigint) as offline_converted_touch_count,
    case
        when joined.online_touch_count > 0
            then
                {{ exact_ratio(
                    'joined.offline_converted_touch_count', 'joined.online_touch_count', 6, precision=9
                ) }}
    end as online_to_offline_conversion_rate
from joined
left join campaigns
    on joined.campaign_id = campaigns.campaign_id
