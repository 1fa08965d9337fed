with

door_days as (
    select * from {{ ref('int_stores__door_days') }}
),

-- What the counted days of the window show of entries and known visits together. Sums of whole
-- numbers, so that no engine's order of adding up matters.
panel as (
    select
        *,
        count(entry_count) over last_days as panel_day_count,
        cast(sum(entry_count) over last_days as bigint) as panel_entry_count,
        cast(sum(case when entry_count is not null then known_visit_count end) over last_days as bigint)
            as panel_visit_count,
        cast(sum(entry_count * entry_count) over last_days as double) as entries_squared,
        cast(sum(entry_count * known_visit_count) over last_days as double) as entries_by_visits,
        cast(
            sum(case when entry_count is not null then known_visit_count * known_visit_count end) over last_days
            as double
        ) as visits_squared
    from door_days
    window last_days as (
        partition by store_id
        order by day_number
        range between {{ var('footfall_window_days') | int(1) - 1 }} preceding and current row
    )
),

-- Entries per known visit: the ratio estimator. Its residuals say how far days scatter around it.
ratios as (
    select
        *,
        cast(panel_entry_count as double) / cast(panel_visit_count as double) as entries_per_visit
    from panel
    where
        panel_day_count >= greatest({{ var('footfall_minimum_days') }}, 2)
        and panel_visit_count > 0
        and panel_entry_count > 0
),

spreads as (
    select
        store_id,
        footfall_date,
        entries_per_visit * known_visit_count as estimate,
        -- Twice the shift of a score interval's middle; see the model's description.
        squared_quantile * dispersion
        * (1 + cast(known_visit_count as double) / cast(panel_visit_count as double)) / entries_per_visit
            as spread
    from (
        select
            store_id,
            door_date as footfall_date,
            known_visit_count,
            panel_visit_count,
            entries_per_visit,
            {{ student_quantile('(panel_day_count - 1)') }} * {{ student_quantile('(panel_day_count - 1)') }}
                as squared_quantile,
            -- Never less than chance makes of it where each entry is a known visit or not.
            greatest(
                (
                    entries_squared
                    - 2 * entries_per_visit * entries_by_visits
                    + entries_per_visit * entries_per_visit * visits_squared
                )
                * cast(panel_day_count as double) / cast(panel_day_count - 1 as double)
                / cast(panel_visit_count as double),
                entries_per_visit * (entries_per_visit - 1),
                cast(0 as double)
            ) as dispersion
        from ratios
    ) as dispersed
),

estimated as (
    select
        store_id,
        footfall_date,
        cast(floor(estimate + 0.5) as bigint) as footfall,
        cast(floor(estimate + spread / 2 - sqrt(spread * (estimate + spread / 4))) as bigint) as footfall_low,
        cast(ceil(estimate + spread / 2 + sqrt(spread * (estimate + spread / 4))) as bigint) as footfall_high
    from spreads
),

-- Whoever was seen was there.
footfall as (
    select
        panel.*,
        case
            when panel.entry_count is not null then greatest(panel.entry_count, panel.known_visit_count)
            when estimated.store_id is not null then greatest(estimated.footfall, panel.known_visit_count)
        end as footfall_count,
        case
            when panel.entry_count is not null then greatest(panel.entry_count, panel.known_visit_count)
            when estimated.store_id is not null then greatest(estimated.footfall_low, panel.known_visit_count)
        end as footfall_low_count,
        case
            when panel.entry_count is not null then greatest(panel.entry_count, panel.known_visit_count)
            when estimated.store_id is not null then greatest(estimated.footfall_high, panel.known_visit_count)
        end as footfall_high_count,
        case
            when panel.entry_count is not null then 'counted'
            when estimated.store_id is not null then 'estimated'
        end as footfall_source
    from panel
    left join estimated
        on
            panel.store_id = estimated.store_id
            and panel.door_date = estimated.footfall_date
)

select
    {{ hash_key(['store_id', 'door_date']) }} as footfall_id,
    store_id,
    door_date as footfall_date,
    time_zone,
    entry_count as counted_entry_count,
    uncounted_reason,
    staff_entry_count,
    known_visit_count,
    panel_day_count,
    case
        when panel_entry_count > 0
            then {{ exact_ratio('panel_visit_count', 'panel_entry_count', 6, precision=9) }}
    end as panel_rate,
    footfall_count,
    footfall_low_count,
    footfall_high_count,
    footfall_source,
    case
        when known_visit_count > 0
            then {{ exact_ratio('footfall_count', 'known_visit_count', 6) }}
    end as visit_weight
from footfall
