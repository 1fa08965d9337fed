with

results as (
    select * from {{ ref('stg_o2o__experiment_results') }}
    where method = 'joint' and campaign_id is null and incremental_share is not null
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
            order by results.share_high - results.share_low, results.experiment_id
        ) as place
    from results
    inner join metrics
        on results.metric = metrics.metric
)

select
    conversion_type,
    channel,
    experiment_id,
    start_date,
    end_date,
    incremental_share,
    share_low,
    share_high,
    -- Of less than nothing there is no credit.
    cast(greatest(incremental_share, 0) * 1000000 as bigint) as credit_millionths
from numbered
where place = 1
