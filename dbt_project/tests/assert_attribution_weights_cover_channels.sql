-- Weights were solved from the very paths that they credit: each type and channel has one in every model
-- that is solved, and together they are 1.
with

channel_weights as (
    select * from {{ ref('stg_o2o__channel_weights') }}
),

credited as (
    select distinct
        paths.conversion_type,
        paths.channel,
        attribution_models.attribution_model
    from {{ ref('int_attribution__paths') }} as paths
    inner join {{ ref('int_attribution__models') }} as attribution_models
        on attribution_models.rule = 'channel_weight'
    where paths.has_analytics_consent
)

select
    credited.conversion_type,
    credited.channel,
    credited.attribution_model,
    cast(null as bigint) as weight_trillionths
from credited
left join channel_weights
    on
        credited.conversion_type = channel_weights.conversion_type
        and credited.channel = channel_weights.channel
        and credited.attribution_model = channel_weights.attribution_model
where channel_weights.channel is null
union all
select
    conversion_type,
    'all' as channel,
    attribution_model,
    cast(sum(weight_trillionths) as bigint) as weight_trillionths
from channel_weights
group by conversion_type, attribution_model
-- Each is rounded by itself.
having abs(sum(weight_trillionths) - 1000000000000) > 1000
