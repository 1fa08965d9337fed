{%- set measures = ['count', 'revenue'] %}
{%- set types = {'web_order': 'web', 'till_order': 'till', 'store_visit': 'visit'} %}

with

calibrated as (
    select * from {{ ref('rpt_calibrated_attribution') }}
    where
        attribution_model = '{{ var("attribution_model") }}'
        and conversion_type in ('{{ types | join("', '") }}')
),

attribution as (
    select * from {{ ref('fct_attribution') }}
    where
        attribution_model = '{{ var("attribution_model") }}'
        and conversion_type in ('{{ types | join("', '") }}')
),

ad_spend as (
    select * from {{ ref('fct_ad_spend') }}
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
),

credits as (
    select
        cast(date_trunc('month', cash_date) as date) as report_month,
        conversion_type,
        channel,
        coalesce(campaign_id, '') as campaign_id,
        cast(round(sum(credit_share) * 1000000) as bigint) as raw_count,
        cast(sum(credit_reporting_minor) as bigint) as raw_revenue
    from attribution
    group by
        cast(date_trunc('month', cash_date) as date),
        conversion_type,
        channel,
        coalesce(campaign_id, '')
),

spend as (
    select
        cast(date_trunc('month', ad_spend.spend_date) as date) as report_month,
        campaigns.channel,
        ad_spend.campaign_id,
        cast(sum(ad_spend.spend_reporting_minor) as bigint) as spend_minor,
        cast(sum(ad_spend.impression_count) as bigint) as impression_count,
        cast(sum(ad_spend.click_count) as bigint) as click_count
    from ad_spend
    inner join campaigns
        on ad_spend.campaign_id = campaigns.campaign_id
    group by cast(date_trunc('month', ad_spend.spend_date) as date), campaigns.channel, ad_spend.campaign_id
),

known as (
    select
        report_month,
        channel,
        campaign_id
    from credits
    union
    select
        report_month,
        channel,
        campaign_id
    from spend
),

-- An experiment may credit a channel of which there is neither touch nor spend.
spine as (
    select * from known
    union all
    select distinct
        calibrated.report_month,
        calibrated.channel,
        '' as campaign_id
    from calibrated
    left join known
        on
            calibrated.report_month = known.report_month
            and calibrated.channel = known.channel
    where known.channel is null
),

cells as (
    select
        spine.report_month,
        spine.channel,
        spine.campaign_id,
        calibrated.conversion_type,
        calibrated.is_calibrated,
        coalesce(credits.raw_count, 0) as raw_count,
        coalesce(credits.raw_revenue, 0) as raw_revenue,
        cast(calibrated.calibrated_conversion_count * 1000000 as bigint) as channel_count,
        calibrated.calibrated_credit_reporting_minor as channel_revenue,
        coalesce(spend.spend_minor, 0) as spend_minor
    from spine
    inner join calibrated
        on
            spine.report_month = calibrated.report_month
            and spine.channel = calibrated.channel
    left join credits
        on
            spine.report_month = credits.report_month
            and spine.channel = credits.channel
            and spine.campaign_id = credits.campaign_id
            and calibrated.conversion_type = credits.conversion_type
    left join spend
        on
            spine.report_month = spend.report_month
            and spine.channel = spend.channel
            and spine.campaign_id = spend.campaign_id
),

-- What experiments leave a channel, its campaigns share by their raw credit; where they have none by what they
-- cost, and else alike.
summed as (
    select
        *,
        {%- for measure in measures %}
        sum(greatest(raw_{{ measure }}, 0)) over channel_month as raw_{{ measure }}_sum,
        {%- endfor %}
        sum(greatest(spend_minor, 0)) over channel_month as spend_sum
    from cells
    window channel_month as (partition by report_month, channel, conversion_type)
),

weighted as (
    select
        *,
    {%- for measure in measures %}
    case
        when raw_{{ measure }}_sum > 0 then greatest(raw_{{ measure }}, 0)
        when spend_sum > 0 then greatest(spend_minor, 0)
        else 1
    end as {{ measure }}_weight{{ ',' if not loop.last }}
    {%- endfor %}
    from summed
),

cumulated as (
    select
        *,
    {%- for measure in measures %}
    cast(sum({{ measure }}_weight) over up_to_campaign as bigint) as {{ measure }}_weight_up_to,
    cast(sum({{ measure }}_weight) over whole_channel as bigint) as {{ measure }}_weight_sum{{ ',' if not loop.last }}
    {%- endfor %}
    from weighted
    window
        whole_channel as (
            partition by report_month, channel, conversion_type
            order by campaign_id
            rows between unbounded preceding and unbounded following
        ),
        up_to_campaign as (
            partition by report_month, channel, conversion_type
            order by campaign_id
            rows between unbounded preceding and current row
        )
),

-- Differences of a rounded running total: together exactly what the channel has.
shared as (
    select
        *,
    {%- for measure in measures %}
    {%- set up_to, weight, whole = measure ~ '_weight_up_to', measure ~ '_weight', measure ~ '_weight_sum' %}
    cast(
        {{ divide_rounded('channel_' ~ measure, up_to, whole) }}
        - {{ divide_rounded('channel_' ~ measure, '(' ~ up_to ~ ' - ' ~ weight ~ ')', whole) }}
        as bigint
    ) as calibrated_{{ measure }}{{ ',' if not loop.last }}
    {%- endfor %}
    from cumulated
),

side_by_side as (
    select
        report_month,
        channel,
        campaign_id,
    {%- for type, name in types.items() %}
    sum(case when conversion_type = '{{ type }}' then raw_count else 0 end) as {{ name }}_count,
    sum(case when conversion_type = '{{ type }}' then calibrated_count else 0 end) as calibrated_{{ name }}_count,
    sum(case when conversion_type = '{{ type }}' then raw_revenue else 0 end) as {{ name }}_minor,
    sum(case when conversion_type = '{{ type }}' then calibrated_revenue else 0 end) as calibrated_{{ name }}_minor,
    coalesce(bool_or(conversion_type = '{{ type }}' and is_calibrated), false)
        as is_{{ name }}_calibrated{{ ',' if not loop.last }}
    {%- endfor %}
    from shared
    group by report_month, channel, campaign_id
),

joined as (
    select
        spine.report_month,
        spine.channel,
        spine.campaign_id,
        coalesce(spend.spend_minor, 0) as spend_minor,
        coalesce(spend.impression_count, 0) as impression_count,
        coalesce(spend.click_count, 0) as click_count,
    {%- for name in types.values() %}
        {%- for kind in ['', 'calibrated_'] %}
        cast(coalesce(side_by_side.{{ kind }}{{ name }}_count, 0) as bigint) as {{ kind }}{{ name }}_count,
        cast(coalesce(side_by_side.{{ kind }}{{ name }}_minor, 0) as bigint) as {{ kind }}{{ name }}_minor,
        {%- endfor %}
        coalesce(side_by_side.is_{{ name }}_calibrated, false) as is_{{ name }}_calibrated{{ ',' if not loop.last }}
    {%- endfor %}
    from spine
    left join side_by_side
        on
            spine.report_month = side_by_side.report_month
            and spine.channel = side_by_side.channel
            and spine.campaign_id = side_by_side.campaign_id
    left join spend
        on
            spine.report_month = spend.report_month
            and spine.channel = spend.channel
            and spine.campaign_id = spend.campaign_id
)

select
    {{ hash_key(['joined.report_month', 'joined.channel', 'joined.campaign_id']) }} as marketing_performance_id,
    joined.report_month,
    joined.channel,
    nullif(joined.campaign_id, '') as campaign_id,
    campaigns.campaign_name,
    '{{ var("attribution_model") }}' as attribution_model,
    '{{ var("reporting_currency") }}' as currency_code,
    {{ reporting_amount('joined.spend_minor') }} as spend_amount,
    joined.impression_count,
    joined.click_count,
    {%- for kind in ['', 'calibrated_'] %}
    cast(
        (joined.{{ kind }}web_count + joined.{{ kind }}till_count) * cast(0.000001 as decimal(6, 6)) as decimal(18, 6)
    ) as {{ kind }}order_count,
    cast(joined.{{ kind }}visit_count * cast(0.000001 as decimal(6, 6)) as decimal(18, 6))
        as {{ kind }}store_visit_count,
    {{ reporting_amount('joined.' ~ kind ~ 'web_minor') }} as {{ kind }}online_revenue_amount,
    {{ reporting_amount('joined.' ~ kind ~ 'till_minor') }} as {{ kind }}store_revenue_amount,
    {{ reporting_amount('(joined.' ~ kind ~ 'web_minor + joined.' ~ kind ~ 'till_minor)') }}
        as {{ kind }}revenue_amount,
    case
        when joined.spend_minor > 0
            then
                {{ exact_ratio(
                    '(joined.' ~ kind ~ 'web_minor + joined.' ~ kind ~ 'till_minor)', 'joined.spend_minor', 6
                ) }}
    end as {{ kind }}return_on_ad_spend,
    {%- endfor %}
    joined.is_web_calibrated as is_online_calibrated,
    joined.is_till_calibrated as is_store_calibrated,
    joined.is_visit_calibrated as is_store_visit_calibrated
from joined
left join campaigns
    on joined.campaign_id = campaigns.campaign_id
