with

ad_spend as (
    select * from {{ ref('fct_ad_spend') }}
),

attribution as (
    select * from {{ ref('fct_attribution') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
),

attribution_models as (
    select * from {{ ref('int_attribution__models') }}
),

claims_by_day as (
    select
        spend_date as report_date,
        campaign_id,
        sum(spend_reporting_minor) as spend_minor,
        sum(claimed_conversions) as claimed_conversions,
        sum(claimed_value_reporting_minor) as claimed_value_minor
    from ad_spend
    group by spend_date, campaign_id
),

-- By the day of the touch, as the platform books by the day of the click.
credits_by_day as (
    select
        accrual_date as report_date,
        campaign_id,
        attribution_model,
        sum(case when conversion_type = 'web_order' then credit_share else 0 end) as online_order_count,
        sum(case when conversion_type = 'web_order' then credit_reporting_minor else 0 end) as online_minor,
        sum(case when conversion_type = 'till_order' then credit_share else 0 end) as till_order_count,
        sum(case when conversion_type = 'till_order' then credit_reporting_minor else 0 end) as till_minor
    from attribution
    where
        campaign_id is not null
        and conversion_type in ('web_order', 'till_order')
    group by accrual_date, campaign_id, attribution_model
),

ledger_by_day as (
    select
        {{ local_date('ordered_at', "'" ~ var('reporting_time_zone') ~ "'") }} as report_date,
        sum(case when order_channel = 'till' then 0 else 1 end) as online_order_count,
        sum(case when order_channel = 'till' then 0 else net_reporting_minor end) as online_minor,
        sum(case when order_channel = 'till' then 1 else 0 end) as till_order_count,
        sum(case when order_channel = 'till' then net_reporting_minor else 0 end) as till_minor
    from orders
    where is_sale
    group by {{ local_date('ordered_at', "'" ~ var('reporting_time_zone') ~ "'") }}
),

days as (
    select report_date from claims_by_day
    union
    select report_date from credits_by_day
    union
    select report_date from ledger_by_day
),

-- Every day for every campaign, so that a window's ledger is whole whatever the campaign did.
daily as (
    select
        days.report_date,
        {{ day_number('days.report_date') }} as day_number,
        campaigns.campaign_id,
        attribution_models.attribution_model,
        coalesce(claims_by_day.spend_minor, 0) as spend_minor,
        coalesce(claims_by_day.claimed_conversions, 0) as claimed_conversions,
        coalesce(claims_by_day.claimed_value_minor, 0) as claimed_value_minor,
        coalesce(credits_by_day.online_order_count, 0) as attributed_online_order_count,
        coalesce(credits_by_day.online_minor, 0) as attributed_online_minor,
        coalesce(credits_by_day.till_order_count, 0) as attributed_till_order_count,
        coalesce(credits_by_day.till_minor, 0) as attributed_till_minor,
        coalesce(ledger_by_day.online_order_count, 0) as ledger_online_order_count,
        coalesce(ledger_by_day.online_minor, 0) as ledger_online_minor,
        coalesce(ledger_by_day.till_order_count, 0) as ledger_till_order_count,
        coalesce(ledger_by_day.till_minor, 0) as ledger_till_minor
    from days
    cross join campaigns
    cross join attribution_models
    left join claims_by_day
        on
            days.report_date = claims_by_day.report_date
            and campaigns.campaign_id = claims_by_day.campaign_id
    left join credits_by_day
        on
            days.report_date = credits_by_day.report_date
            and campaigns.campaign_id = credits_by_day.campaign_id
            and attribution_models.attribution_model = credits_by_day.attribution_model
    left join ledger_by_day
        on days.report_date = ledger_by_day.report_date
),

windowed as (
    {% for window_days in var('claim_windows_days') %}
    select
        report_date,
        {{ window_days | int }} as window_days,
        campaign_id,
        attribution_model,
        cast(sum(spend_minor) over last_{{ window_days | int }}_days as bigint) as spend_minor,
        cast(
            sum(claimed_conversions) over last_{{ window_days | int }}_days as decimal(18, 6)
        ) as claimed_conversions,
        cast(sum(claimed_value_minor) over last_{{ window_days | int }}_days as bigint) as claimed_value_minor,
        cast(
            sum(attributed_online_order_count) over last_{{ window_days | int }}_days as decimal(18, 9)
        ) as attributed_online_order_count,
        cast(
            sum(attributed_online_minor) over last_{{ window_days | int }}_days as bigint
        ) as attributed_online_minor,
        cast(
            sum(attributed_till_order_count) over last_{{ window_days | int }}_days as decimal(18, 9)
        ) as attributed_till_order_count,
        cast(
            sum(attributed_till_minor) over last_{{ window_days | int }}_days as bigint
        ) as attributed_till_minor,
        cast(
            sum(ledger_online_order_count) over last_{{ window_days | int }}_days as bigint
        ) as ledger_online_order_count,
        cast(sum(ledger_online_minor) over last_{{ window_days | int }}_days as bigint) as ledger_online_minor,
        cast(
            sum(ledger_till_order_count) over last_{{ window_days | int }}_days as bigint
        ) as ledger_till_order_count,
        cast(sum(ledger_till_minor) over last_{{ window_days | int }}_days as bigint) as ledger_till_minor
    from daily
    window
        last_{{ window_days | int }}_days as (
            partition by campaign_id, attribution_model
            order by day_number
            range between {{ window_days | int(1) - 1 }} preceding and current row
        )
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
)

select
    {{ hash_key([
        'windowed.campaign_id', 'windowed.report_date', 'windowed.window_days', 'windowed.attribution_model'
    ]) }} as platform_claim_id,
    windowed.report_date,
    windowed.window_days,
    campaigns.platform,
    windowed.campaign_id,
    campaigns.campaign_name,
    campaigns.channel,
    windowed.attribution_model,
    '{{ var("reporting_currency") }}' as currency_code,
    {{ reporting_amount('windowed.spend_minor') }} as spend_amount,
    windowed.claimed_conversions,
    {{ reporting_amount('windowed.claimed_value_minor') }} as claimed_value_amount,
    windowed.attributed_online_order_count,
    {{ reporting_amount('windowed.attributed_online_minor') }} as attributed_online_amount,
    windowed.attributed_till_order_count,
    {{ reporting_amount('windowed.attributed_till_minor') }} as attributed_till_amount,
    windowed.ledger_online_order_count,
    {{ reporting_amount('windowed.ledger_online_minor') }} as ledger_online_amount,
    windowed.ledger_till_order_count,
    {{ reporting_amount('windowed.ledger_till_minor') }} as ledger_till_amount,
    case
        -- Of less than a thousandth of an order any claim is a multiple that says nothing.
        when windowed.attributed_online_order_count >= 0.001
            then
                {{ exact_ratio(
                    'cast(cast(windowed.claimed_conversions as decimal(27, 9)) * 1000000000 as bigint)',
                    'cast(cast(windowed.attributed_online_order_count as decimal(27, 9)) * 1000000000 as bigint)', 6
                ) }}
    end as conversions_over_claim_factor,
    case
        when windowed.attributed_online_minor > 0
            then {{ exact_ratio('windowed.claimed_value_minor', 'windowed.attributed_online_minor', 6) }}
    end as value_over_claim_factor,
    case
        when windowed.ledger_online_minor > 0
            then {{ exact_ratio('windowed.claimed_value_minor', 'windowed.ledger_online_minor', 6) }}
    end as claimed_share_of_ledger
from windowed
inner join campaigns
    on windowed.campaign_id = campaigns.campaign_id
where
    windowed.spend_minor <> 0
    or windowed.claimed_conversions <> 0
    or windowed.claimed_value_minor <> 0
    or windowed.attributed_online_order_count <> 0
    or windowed.attributed_till_order_count <> 0
