with

results as (
    select * from {{ ref('stg_o2o__experiment_results') }}
    where method = 'joint' and campaign_id is null and advertised_share is not null
),

experiments as (
    select * from {{ ref('stg_o2o__experiments') }}
    where campaign_id is null
),

panel as (
    select * from {{ ref('int_experiments__panel') }}
),

spend as (
    select * from {{ ref('int_campaigns__spend') }}
),

touchpoints as (
    select * from {{ ref('int_touchpoints') }}
),

-- What an experiment measures, and the conversions that it speaks for.
metrics as (
    select
        'web_orders' as metric,
        'web_order' as conversion_type
    union all
    select
        'till_orders' as metric,
        'till_order' as conversion_type
    union all
    select
        'footfall' as metric,
        'store_visit' as conversion_type
),

-- Regions and stores, holdouts and tests may all have measured a channel: the narrowest interval counts.
numbered as (
    select
        metrics.conversion_type,
        results.*,
        row_number() over (
            partition by results.channel, results.metric
            -- An interval without an end is the widest.
            order by coalesce(results.advertised_high - results.advertised_low, 999999999), results.experiment_id
        ) as place
    from results
    inner join metrics
        on results.metric = metrics.metric
),

measured as (
    select * from numbered
    where place = 1
),

cells as (
    select
        measured.conversion_type,
        measured.channel,
        measured.design,
        panel.unit_type,
        panel.unit_id,
        panel.metric_date,
        panel.value
    from measured
    inner join panel
        on
            measured.unit_type = panel.unit_type
            and measured.metric = panel.metric
),

tested as (
    select distinct
        cells.conversion_type,
        cells.channel,
        cells.unit_id,
        cells.metric_date
    from cells
    inner join experiments
        on
            cells.channel = experiments.channel
            and cells.design = experiments.design
            and cells.unit_type = experiments.unit_type
            and cells.unit_id = experiments.unit_id
            and cells.metric_date between experiments.start_date and experiments.end_date
),

-- Ads rest where and while a holdout says so; in a test they run only there and then.
advertised as (
    select
        cells.conversion_type,
        cells.channel,
        cells.metric_date,
        cast(date_trunc('month', cells.metric_date) as date) as report_month,
        cells.value,
        case
            when (tested.unit_id is null) = (cells.design = 'holdout') then cells.value
            else 0
        end as advertised_value
    from cells
    left join tested
        on
            cells.conversion_type = tested.conversion_type
            and cells.channel = tested.channel
            and cells.unit_id = tested.unit_id
            and cells.metric_date = tested.metric_date
),

months as (
    select
        report_month,
        conversion_type,
        channel,
        cast(sum(value) as bigint) as total_value,
        cast(sum(advertised_value) as bigint) as advertised_value
    from advertised
    group by report_month, conversion_type, channel
),

trials as (
    select
        measured.conversion_type,
        measured.channel,
        cast(sum(advertised.advertised_value) as bigint) as advertised_value
    from measured
    inner join advertised
        on
            measured.conversion_type = advertised.conversion_type
            and measured.channel = advertised.channel
            and advertised.metric_date between measured.start_date and measured.end_date
    group by measured.conversion_type, measured.channel
),

-- What a channel did: what it cost, and where it costs nothing, how often it touched somebody.
spend_days as (
    select
        channel,
        spend_date as activity_date,
        sum(spend_reporting_minor) as activity
    from spend
    group by channel, spend_date
),

priced as (
    select channel
    from spend_days
    group by channel
    having sum(activity) > 0
),

activity_days as (
    select spend_days.*
    from spend_days
    inner join priced
        on spend_days.channel = priced.channel
    union all
    select
        touchpoints.channel,
        {{ local_date('touchpoints.touched_at', "'" ~ var('reporting_time_zone') ~ "'") }} as activity_date,
        count(*) as activity
    from touchpoints
    left join priced
        on touchpoints.channel = priced.channel
    where priced.channel is null
    group by
        touchpoints.channel,
        {{ local_date('touchpoints.touched_at', "'" ~ var('reporting_time_zone') ~ "'") }}
),

trial_activity as (
    select
        measured.conversion_type,
        measured.channel,
        cast(sum(activity_days.activity) as bigint) as activity
    from measured
    inner join activity_days
        on
            measured.channel = activity_days.channel
            and activity_days.activity_date between measured.start_date and measured.end_date
    group by measured.conversion_type, measured.channel
),

month_activity as (
    select
        channel,
        cast(date_trunc('month', activity_date) as date) as report_month,
        cast(sum(activity) as bigint) as activity
    from activity_days
    group by channel, cast(date_trunc('month', activity_date) as date)
),

-- The experiments tell what the channel brought in their time; in a month it is so much more or less as
-- the channel did more or less than in that time. Of a channel of which nothing is known but the
-- experiment, it is so much as its ads ran.
factors as (
    select
        months.report_month,
        months.conversion_type,
        months.channel,
        case
            when trial_activity.activity > 0
                then {{ exact_ratio('trials.advertised_value', 'months.total_value', 9) }}
            else {{ exact_ratio('months.advertised_value', 'months.total_value', 9) }}
        end as advertised_part,
        case
            when trial_activity.activity > 0
                then {{ exact_ratio('coalesce(month_activity.activity, 0)', 'trial_activity.activity', 9) }}
            else 1
        end as activity_part
    from months
    inner join trials
        on
            months.conversion_type = trials.conversion_type
            and months.channel = trials.channel
    left join trial_activity
        on
            months.conversion_type = trial_activity.conversion_type
            and months.channel = trial_activity.channel
    left join month_activity
        on
            months.channel = month_activity.channel
            and months.report_month = month_activity.report_month
    where months.total_value > 0
),

scaled as (
    select
        report_month,
        conversion_type,
        channel,
        cast(
            round(cast(advertised_part as decimal(18, 9)) * cast(activity_part as decimal(18, 9)), 9)
            as decimal(18, 9)
        ) as factor
    from factors
),

parts as (
    select
        scaled.report_month,
        measured.conversion_type,
        measured.channel,
        measured.experiment_id,
        measured.advertised_share > 0 or coalesce(measured.advertised_high <= 0, false) as is_shown,
        cast(round(measured.advertised_share * scaled.factor, 6) as decimal(18, 6)) as incremental_share,
        cast(round(measured.advertised_low * scaled.factor, 6) as decimal(18, 6)) as share_low,
        cast(round(measured.advertised_high * scaled.factor, 6) as decimal(18, 6)) as share_high
    from scaled
    inner join measured
        on
            scaled.conversion_type = measured.conversion_type
            and scaled.channel = measured.channel
)

select
    report_month,
    conversion_type,
    channel,
    experiment_id,
    incremental_share,
    share_low,
    share_high,
    -- Of less than nothing there is no credit. Where nothing was found that may yet be something, nothing is known.
    case when is_shown then cast(greatest(incremental_share, 0) * 1000000 as bigint) end as credit_millionths
from parts
