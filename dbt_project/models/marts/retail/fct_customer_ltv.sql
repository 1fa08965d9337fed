with

histories as (
    select * from {{ ref('int_customers__histories') }}
),

predictions as (
    select * from {{ ref('stg_o2o__customer_predictions') }}
),

models as (
    select * from {{ ref('stg_o2o__customer_models') }}
),

consents as (
    select * from {{ ref('int_customers__consents') }}
),

-- Whoever objected to being profiled is not.
predicted as (
    select
        histories.*,
        models.horizon_days,
        coalesce(consents.profiling_consent_status, 'unknown') = 'refused' as has_objected,
        predictions.customer_prediction_id is not null as is_predicted,
        predictions.probability_alive,
        predictions.expected_purchases,
        predictions.own_share,
        predictions.mean_minor,
        case
            when histories.valued_repeat_count = 0 then 0
            else {{ divide_rounded('histories.repeat_reporting_minor', 1, 'histories.valued_repeat_count') }}
        end as own_mean_minor
    from histories
    left join models
        on histories.until_date = models.until_date
    left join predictions
        on
            models.until_date is not null
            and histories.repeat_count = predictions.repeat_count
            and histories.recency_days = predictions.recency_days
            and histories.age_days = predictions.age_days
    left join consents
        on histories.customer_id = consents.customer_id
),

-- The mean of all, moved towards the customer's own as far as his purchases say anything of it.
valued as (
    select
        *,
        is_predicted and not has_objected as is_told,
        cast(round(
            cast(mean_minor as decimal(18, 0)) * (1 - own_share)
            + cast(own_mean_minor as decimal(18, 0)) * own_share
        ) as bigint) as expected_value_minor
    from predicted
),

priced as (
    select
        *,
        cast(round(cast(expected_value_minor as decimal(18, 0)) * expected_purchases) as bigint) as predicted_minor
    from valued
)

select
    customer_id,
    until_date,
    first_order_date,
    last_order_date,
    order_count,
    repeat_count + 1 as purchase_day_count,
    net_reporting_minor as historic_value_reporting_minor,
    {{ reporting_amount('net_reporting_minor') }} as historic_value_amount,
    horizon_days,
    case when is_told then probability_alive end as probability_alive,
    case when is_told then expected_purchases end as predicted_purchase_count,
    case when is_told then {{ reporting_amount('expected_value_minor') }} end as predicted_purchase_amount,
    case when is_told then predicted_minor end as predicted_value_reporting_minor,
    case when is_told then {{ reporting_amount('predicted_minor') }} end as predicted_value_amount,
    case
        when has_objected then 'objected'
        when not is_predicted then 'no_purchase_model'
        when own_share is null then 'no_spend_model'
    end as prediction_reason
from priced
