{{ config(materialized='table') }}

with

landed as (
    {{ newest_load('o2o', 'customer_predictions') }}
),

parsed as (
    select
        _key as customer_prediction_id,
        {{ json_record('_payload', {
            'repeat_count': 'text', 'recency_days': 'text', 'age_days': 'text', 'probability_alive': 'text',
            'expected_purchases': 'text', 'own_share': 'text', 'mean_minor': 'text',
        }) }} as payload,
        _load_id,
        _extracted_at
    from landed
    where _key <> 'model'
)

select
    customer_prediction_id,
    cast(payload.repeat_count as bigint) as repeat_count,
    cast(payload.recency_days as bigint) as recency_days,
    cast(payload.age_days as bigint) as age_days,
    cast(payload.probability_alive as decimal(9, 6)) as probability_alive,
    cast(payload.expected_purchases as decimal(18, 6)) as expected_purchases,
    cast(payload.own_share as decimal(9, 6)) as own_share,
    cast(payload.mean_minor as bigint) as mean_minor,
    _load_id,
    _extracted_at
from parsed
