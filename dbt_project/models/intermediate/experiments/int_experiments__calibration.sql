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
exposed as (
    select
        cast(date_trunc('month', cells.metric_date) as date) as report_month,
        cells.conversion_type,
        cells.channel,
        cast(sum(cells.value) as bigint) as total_value,
        cast(
            sum(case when (tested.unit_id is null) = (cells.design = 'holdout') then cells.value else 0 end) as bigint
        ) as exposed_value
    from cells
    left join tested
        on
            cells.conversion_type = tested.conversion_type
            and cells.channel = tested.channel
            and cells.unit_id = tested.unit_id
            and cells.metric_date = tested.metric_date
    group by cast(date_trunc('month', cells.metric_date) as date), cells.conversion_type, cells.channel
),

months as (
    select
        report_month,
        conversion_type,
        channel,
        {{ exact_ratio('exposed_value', 'total_value', 6) }} as exposed_share
    from exposed
    where total_value > 0
),

parts as (
    select
        months.report_month,
        measured.conversion_type,
        measured.channel,
        measured.experiment_id,
        cast(round(measured.advertised_share * months.exposed_share, 6) as decimal(18, 6)) as incremental_share,
        cast(round(measured.advertised_low * months.exposed_share, 6) as decimal(18, 6)) as share_low,
        cast(round(measured.advertised_high * months.exposed_share, 6) as decimal(18, 6)) as share_high
    from months
    inner join measured
        on
            months.conversion_type = measured.conversion_type
            and months.channel = measured.channel
)

select
    report_month,
    conversion_type,
    channel,
    experiment_id,
    incremental_share,
    share_low,
    share_high,
    -- Of less than nothing there is no credit.
    cast(greatest(incremental_share, 0) * 1000000 as bigint) as credit_millionths
from parts
