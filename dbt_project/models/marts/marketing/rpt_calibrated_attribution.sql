{#- Counts in millionths, money in minor units: whole numbers, so that both sums come out exactly. -#}
{%- set measures = ['count_millionths', 'revenue_minor'] %}

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

-- A model may not know of a channel that an experiment measured.
uncredited as (
    select
        every_month.report_month,
        every_month.conversion_type,
        every_month.attribution_model,
        calibration.channel,
        cast(0 as bigint) as count_millionths,
        cast(0 as bigint) as revenue_minor
    from (
        select distinct
            report_month,
            conversion_type,
            attribution_model
        from months
    ) as every_month
    inner join calibration
        on every_month.conversion_type = calibration.conversion_type
    left join months
        on
            every_month.report_month = months.report_month
            and every_month.conversion_type = months.conversion_type
            and every_month.attribution_model = months.attribution_model
            and calibration.channel = months.channel
    where months.channel is null
),

raw_credits as (
    select * from months
    union all
    select * from uncredited
),

summed as (
    select
        raw_credits.*,
        calibration.experiment_id,
        calibration.incremental_share,
        calibration.share_low,
        calibration.share_high,
        calibration.credit_millionths,
        calibration.channel is not null as is_calibrated,
        {%- for measure in measures %}
        sum(raw_credits.{{ measure }}) over month as all_{{ measure }},
        sum(case when calibration.channel is null then raw_credits.{{ measure }} else 0 end) over month
            as rest_{{ measure }},
        {%- endfor %}
        -- All that was measured can be more than all there is.
        least(sum(coalesce(calibration.credit_millionths, 0)) over month, 1000000) as measured_millionths
    from raw_credits
    left join calibration
        on
            raw_credits.conversion_type = calibration.conversion_type
            and raw_credits.channel = calibration.channel
    window month as (
        partition by raw_credits.report_month, raw_credits.conversion_type, raw_credits.attribution_model
    )
),

-- A channel that experiments measured gets its part of everything; the others share what is left, in
-- proportion to their raw credit.
weighted as (
    select
        *,
        {%- for measure in measures %}
        case
            when is_calibrated
                then cast({{ divide_rounded('credit_millionths', 'all_' ~ measure, '1000000') }} as bigint)
            when rest_{{ measure }} > 0
                then cast({{ divide_rounded(
                    measure,
                    'cast(' ~ divide_rounded('1000000 - measured_millionths', 'all_' ~ measure, '1000000') ~ ' as bigint)',
                    'rest_' ~ measure
                ) }} as bigint)
            else 0
        end as weight_{{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from summed
),

cumulated as (
    select
        *,
        {%- for measure in measures %}
        sum(weight_{{ measure }}) over up_to_channel as up_to_{{ measure }},
        sum(weight_{{ measure }}) over whole_month as total_{{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from weighted
    window
        whole_month as (
            partition by report_month, conversion_type, attribution_model
            order by channel
            rows between unbounded preceding and unbounded following
        ),
        up_to_channel as (
            partition by report_month, conversion_type, attribution_model
            order by channel
            rows between unbounded preceding and current row
        )
),

-- Differences of a rounded running total: together exactly what there is to share.
calibrated as (
    select
        *,
        {%- for measure in measures %}
        case
            when total_{{ measure }} > 0
                then cast(
                    {{ divide_rounded('up_to_' ~ measure, 'all_' ~ measure, 'total_' ~ measure) }}
                    - {{ divide_rounded(
                        '(up_to_' ~ measure ~ ' - weight_' ~ measure ~ ')', 'all_' ~ measure, 'total_' ~ measure
                    ) }} as bigint
                )
            else {{ measure }}
        end as calibrated_{{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from cumulated
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
    revenue_minor as raw_credit_reporting_minor,
    calibrated_revenue_minor as calibrated_credit_reporting_minor,
    case
        when is_calibrated and count_millionths > 0
            then {{ exact_ratio('calibrated_count_millionths', 'count_millionths', 6) }}
    end as calibration_factor
from calibrated
