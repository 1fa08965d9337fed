with

attribution_models as (
    select * from {{ ref('attribution_models') }}
),

channel_weights as (
    select distinct attribution_model
    from {{ ref('stg_o2o__channel_weights') }}
)

select
    attribution_models.attribution_model,
    attribution_models.rule,
    coalesce(attribution_models.first_percent, 0) as first_percent,
    coalesce(attribution_models.middle_percent, 0) as middle_percent,
    coalesce(attribution_models.last_percent, 0) as last_percent,
    coalesce(attribution_models.rest_percent, 0) as rest_percent
from attribution_models
left join channel_weights
    on attribution_models.attribution_model = channel_weights.attribution_model
-- A model that has not been solved credits nothing, rather than everything alike.
where
    attribution_models.rule <> 'channel_weight'
    or channel_weights.attribution_model is not null
