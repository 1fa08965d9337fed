with

credits as (
    select * from {{ ref('fct_attribution') }}
),

calibration as (
    select * from {{ ref('int_experiments__calibration') }}
),

months as (
    select
        cast(date_trunc('month', cash_date) as date) as report_month,
        conversion_type,
        attribution_model,
        channel,
        cast(round(sum(credit_share) * 1000000) as bigint) as count_millionths,
        cast(sum(credit_reporting_minor) as bigint) as revenue_minor
    from credits
    group by cast(date_trunc('month', cash_date) as date), conversion_type, attribution_model, channel
),

every_month as (
    select distinct
        report_month,
        conversion_type,
        attribution_model
    from months
),

-- A model may not know of a channel that an experiment measured.
uncredited as (
    select
        every_month.report_month,
        every_month.conversion_type,
        every_month.attribution_model,
        calibration.channel,
        cast(0 as bigint) as count_millionths,
        cast(0 as bigint) as revenue_minor
    from every_month
    inner join calibration
        on
            every_month.report_month = calibration.report_month
            and every_month.conversion_type = calibration.conversion_type
    left join months
        on
            every_month.report_month = months.report_month
            and every_month.conversion_type = months.conversion_type
            and every_month.attribution_model = months.attribution_model
            and calibration.channel = months.channel
    where months.channel is null
),

-- Counts in millionths, money in minor units: whole numbers, so that both sums come out exactly.
raw_credits as (
    select
        *,
        'count' as measure,
        count_millionths as raw_credit
    from months
    union all
    select
        *,
        'revenue' as measure,
        revenue_minor as raw_credit
    from months
    union all
    select
        *,
        'count' as measure,
        count_millionths as raw_credit
    from uncredited
    union all
    select
        *,
        'revenue' as measure,
        revenue_minor as raw_credit
    from uncredited
),

summed as (
    select
        raw_credits.report_month,
        raw_credits.conversion_type,
        raw_credits.attribution_model,
        raw_credits.channel,
        raw_credits.measure,
        raw_credits.raw_credit,
        calibration.experiment_id,
        calibration.incremental_share,
        calibration.share_low,
        calibration.share_high,
        calibration.credit_millionths,
        sum(raw_credits.raw_credit) over month as total_credit,
        sum(case when calibration.credit_millionths is null then raw_credits.raw_credit else 0 end) over month
            as rest_credit,
        -- All that was measured can be more than all there is.
        1000000 - least(sum(coalesce(calibration.credit_millionths, 0)) over month, 1000000) as rest_millionths
    from raw_credits
    left join calibration
        on
            raw_credits.report_month = calibration.report_month
            and raw_credits.conversion_type = calibration.conversion_type
            and raw_credits.channel = calibration.channel
    window month as (
        partition by
            raw_credits.report_month, raw_credits.conversion_type, raw_credits.attribution_model, raw_credits.measure
    )
),

-- A channel that experiments measured gets its part of everything; the others share what is left, in
-- proportion to their raw credit.
weighted as (
    select
        *,
        case
            when credit_millionths is not null
                then cast({{ divide_rounded('credit_millionths', 'total_credit', '1000000') }} as bigint)
            when rest_credit > 0
                then cast({{ divide_rounded(
                    'raw_credit',
                    'cast(' ~ divide_rounded('rest_millionths', 'total_credit', '1000000') ~ ' as bigint)',
                    'rest_credit'
                ) }} as bigint)
            else 0
        end as weight
    from summed
),

cumulated as (
    select
        *,
        sum(weight) over up_to_channel as weight_up_to,
        sum(weight) over whole_month as total_weight
    from weighted
    window
        whole_month as (
            partition by report_month, conversion_type, attribution_model, measure
            order by channel
            rows between unbounded preceding and unbounded following
        ),
        up_to_channel as (
            partition by report_month, conversion_type, attribution_model, measure
            order by channel
            rows between unbounded preceding and current row
        )
),

-- Differences of a rounded running total: together exactly what there is to share.
calibrated as (
    select
        *,
        case
            when total_weight > 0
                then cast(
                    {{ divide_rounded('weight_up_to', 'total_credit', 'total_weight') }}
                    - {{ divide_rounded('(weight_up_to - weight)', 'total_credit', 'total_weight') }}
                    as bigint
                )
            else raw_credit
        end as calibrated_credit
    from cumulated
),

side_by_side as (
    select
        report_month,
        conversion_type,
        attribution_model,
        channel,
        credit_millionths is not null as is_calibrated,
        experiment_id,
        incremental_share,
        share_low,
        share_high,
        sum(case when measure = 'count' then raw_credit else 0 end) as count_millionths,
        sum(case when measure = 'count' then calibrated_credit else 0 end) as calibrated_count_millionths,
        sum(case when measure = 'revenue' then raw_credit else 0 end) as revenue_minor,
        sum(case when measure = 'revenue' then calibrated_credit else 0 end) as calibrated_revenue_minor
    from calibrated
    group by
        report_month,
        conversion_type,
        attribution_model,
        channel,
        credit_millionths is not null,
        experiment_id,
        incremental_share,
        share_low,
        share_high
)

select
    {{ hash_key(['report_month', 'conversion_type', 'attribution_model', 'channel']) }} as calibrated_attribution_id,
    report_month,
    conversion_type,
    attribution_model,
    channel,
    '{{ var("reporting_currency") }}' as currency_code,
    is_calibrated,
    experiment_id,
    incremental_share,
    share_low as incremental_share_low,
    share_high as incremental_share_high,
    cast(count_millionths * cast(0.000001 as decimal(6, 6)) as decimal(18, 6)) as raw_conversion_count,
    cast(calibrated_count_millionths * cast(0.000001 as decimal(6, 6)) as decimal(18, 6))
        as calibrated_conversion_count,
    cast(revenue_minor as bigint) as raw_credit_reporting_minor,
    cast(calibrated_revenue_minor as bigint) as calibrated_credit_reporting_minor,
    case
        when is_calibrated and count_millionths > 0
            then {{ exact_ratio('calibrated_count_millionths', 'count_millionths', 6) }}
    end as calibration_factor
from side_by_side
