with

footfall as (
    select
        *,
        {{ day_number('footfall_date') }} as day_number,
        footfall_count - known_visit_count as anonymous_count
    from {{ ref('fct_store_footfall') }}
),

visits as (
    select * from {{ ref('fct_store_visits') }}
),

attribution as (
    select * from {{ ref('fct_attribution') }}
    where conversion_type = 'store_visit'
),

attribution_models as (
    select * from {{ ref('int_attribution__models') }}
),

-- Credit of known visits in whole billionths of a visit.
credits_by_day as (
    select
        visits.store_id,
        visits.visit_date as footfall_date,
        attribution.attribution_model,
        attribution.channel,
        coalesce(attribution.unattributed_reason, '') as unattributed_reason,
        cast(sum(attribution.credit_share) * 1000000000 as bigint) as credit_billionths
    from attribution
    inner join visits
        on attribution.conversion_id = visits.visit_id
    group by
        visits.store_id,
        visits.visit_date,
        attribution.attribution_model,
        attribution.channel,
        coalesce(attribution.unattributed_reason, '')
),

causes as (
    select distinct
        store_id,
        attribution_model,
        channel,
        unattributed_reason
    from credits_by_day
),

-- Every day for every cause that the store has seen, so that a window of days is a range.
windowed as (
    select
        footfall.store_id,
        footfall.footfall_date,
        footfall.anonymous_count,
        causes.attribution_model,
        causes.channel,
        causes.unattributed_reason,
        coalesce(credits_by_day.credit_billionths, 0) as credit_billionths,
        cast(
            sum(coalesce(credits_by_day.credit_billionths, 0)) over (
                partition by
                    footfall.store_id,
                    causes.attribution_model,
                    causes.channel,
                    causes.unattributed_reason
                order by footfall.day_number
                range between {{ var('footfall_window_days') | int(1) - 1 }} preceding and current row
            ) as bigint
        ) as window_billionths
    from footfall
    inner join causes
        on footfall.store_id = causes.store_id
    left join credits_by_day
        on
            footfall.store_id = credits_by_day.store_id
            and footfall.footfall_date = credits_by_day.footfall_date
            and causes.attribution_model = credits_by_day.attribution_model
            and causes.channel = credits_by_day.channel
            and causes.unattributed_reason = credits_by_day.unattributed_reason
),

cumulated as (
    select
        *,
        cast(sum(window_billionths) over up_to_cause as bigint) as weight_up_to,
        cast(sum(window_billionths) over all_causes as bigint) as total_weight
    from windowed
    where window_billionths > 0
    window
        all_causes as (
            partition by store_id, footfall_date, attribution_model
            order by channel, unattributed_reason
            rows between unbounded preceding and unbounded following
        ),
        up_to_cause as (
            partition by store_id, footfall_date, attribution_model
            order by channel, unattributed_reason
            rows between unbounded preceding and current row
        )
),

-- As money is shared: by differences of running totals that are rounded, the last of which is exact.
shared as (
    select
        *,
        {{ billionths('weight_up_to - window_billionths', 'total_weight') }} as share_before,
        {{ billionths('weight_up_to', 'total_weight') }} as share_up_to
    from cumulated
),

attributed as (
    select
        store_id,
        footfall_date,
        attribution_model,
        channel,
        unattributed_reason,
        credit_billionths,
        share_up_to - share_before as share_billionths,
        {{ money_share('anonymous_count', 'share_up_to') }}
        - {{ money_share('anonymous_count', 'share_before') }} as anonymous_count
    from shared
),

shared_days as (
    select distinct
        store_id,
        footfall_date,
        attribution_model
    from attributed
),

-- People came, but not one known visit of the window says why.
unexplained as (
    select
        footfall.store_id,
        footfall.footfall_date,
        attribution_models.attribution_model,
        'unattributed' as channel,
        'no_known_visits' as unattributed_reason,
        cast(0 as bigint) as credit_billionths,
        cast(null as bigint) as share_billionths,
        footfall.anonymous_count
    from footfall
    cross join attribution_models
    left join shared_days
        on
            footfall.store_id = shared_days.store_id
            and footfall.footfall_date = shared_days.footfall_date
            and attribution_models.attribution_model = shared_days.attribution_model
    where
        footfall.anonymous_count > 0
        and shared_days.store_id is null
),

unioned as (
    select * from attributed
    union all
    select * from unexplained
)

select
    {{ hash_key([
        'unioned.store_id', 'unioned.footfall_date', 'unioned.attribution_model', 'unioned.channel',
        'unioned.unattributed_reason'
    ]) }} as footfall_attribution_id,
    unioned.store_id,
    unioned.footfall_date,
    unioned.channel,
    nullif(unioned.unattributed_reason, '') as unattributed_reason,
    unioned.attribution_model,
    footfall.footfall_source,
    cast(unioned.credit_billionths * cast(0.000000001 as decimal(9, 9)) as decimal(18, 9)) as known_visit_credit,
    cast(unioned.share_billionths * cast(0.000000001 as decimal(9, 9)) as decimal(10, 9)) as window_share,
    cast(unioned.anonymous_count as bigint) as anonymous_footfall_count
from unioned
inner join footfall
    on
        unioned.store_id = footfall.store_id
        and unioned.footfall_date = footfall.footfall_date
