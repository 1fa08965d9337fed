with

credits as (
    select * from {{ ref('fct_attribution') }}
),

channel_weights as (
    select * from {{ ref('stg_o2o__channel_weights') }}
),

-- A journey is in a sample whole or not at all.
by_conversion as (
    select
        cast(date_trunc('month', cash_date) as date) as report_month,
        conversion_type,
        attribution_model,
        channel,
        conversion_id,
        cast(round(sum(credit_share) * 1000000) as bigint) as count_millionths,
        cast(sum(credit_reporting_minor) as bigint) as credit_minor
    from credits
    group by
        cast(date_trunc('month', cash_date) as date),
        conversion_type,
        attribution_model,
        channel,
        conversion_id
),

-- With how often a journey occurs being Poisson distributed about 1, as in the bootstrap, credit has the
-- variance that its squares sum to: exactly what resamples without end would show.
summed as (
    select
        report_month,
        conversion_type,
        attribution_model,
        channel,
        cast(sum(count_millionths) as bigint) as count_millionths,
        cast(sum(credit_minor) as bigint) as credit_minor,
        cast(
            sum(cast(count_millionths as decimal(18, 0)) * cast(count_millionths as decimal(18, 0)))
            as decimal(38, 0)
        ) as count_squares,
        cast(
            sum(cast(credit_minor as decimal(18, 0)) * cast(credit_minor as decimal(18, 0))) as decimal(38, 0)
        ) as credit_squares
    from by_conversion
    group by report_month, conversion_type, attribution_model, channel
),

-- Where a model is solved over all journeys, the channel's weight moves with them as well.
joined as (
    select
        summed.*,
        case
            when channel_weights.weight_trillionths > 0
                then
                    cast(channel_weights.weight_standard_error as double)
                    * 1000000000000 / cast(channel_weights.weight_trillionths as double)
            else 0
        end as weight_error
    from summed
    left join channel_weights
        on
            summed.conversion_type = channel_weights.conversion_type
            and summed.attribution_model = channel_weights.attribution_model
            and summed.channel = channel_weights.channel
),

margins as (
    select
        *,
        cast(round(
            {{ normal_quantile() }} * sqrt(
                cast(count_squares as double)
                + count_millionths * weight_error * count_millionths * weight_error
            )
        ) as bigint) as count_margin,
        cast(round(
            {{ normal_quantile() }} * sqrt(
                cast(credit_squares as double) + credit_minor * weight_error * credit_minor * weight_error
            )
        ) as bigint) as credit_margin
    from joined
)

select
    {{ hash_key(['report_month', 'conversion_type', 'attribution_model', 'channel']) }}
        as attribution_uncertainty_id,
    report_month,
    conversion_type,
    attribution_model,
    channel,
    '{{ var("reporting_currency") }}' as currency_code,
    cast(count_millionths * cast(0.000001 as decimal(6, 6)) as decimal(18, 6)) as conversion_count,
    cast(greatest(count_millionths - count_margin, 0) * cast(0.000001 as decimal(6, 6)) as decimal(18, 6))
        as conversion_count_low,
    cast((count_millionths + count_margin) * cast(0.000001 as decimal(6, 6)) as decimal(18, 6))
        as conversion_count_high,
    credit_minor as credit_reporting_minor,
    greatest(credit_minor - credit_margin, least(credit_minor, 0)) as credit_low_reporting_minor,
    credit_minor + credit_margin as credit_high_reporting_minor
from margins
