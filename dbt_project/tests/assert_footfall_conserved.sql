-- A counted day holds every entry that its doors counted, less one for each phone of the staff; each
-- known visit is on its store's day; and there is a reason exactly where the doors are not believed.
with

doors as (
    select
        stores.store_id,
        {{ local_date('door_counts.started_at', 'stores.time_zone') }} as footfall_date,
        sum(door_counts.in_count) as in_count
    from {{ ref('door_counts') }} as door_counts
    inner join {{ ref('int_stores__locations') }} as locations
        on
            {{ at_location('door_counts', 'door_counts.started_at') }}
    inner join {{ ref('dim_stores') }} as stores
        on locations.store_id = stores.store_id
    group by stores.store_id, {{ local_date('door_counts.started_at', 'stores.time_zone') }}
),

visits as (
    select
        store_id,
        visit_date as footfall_date,
        count(*) as visit_count
    from {{ ref('fct_store_visits') }}
    group by store_id, visit_date
),

known as (
    select
        store_id,
        footfall_date
    from doors
    union
    select
        store_id,
        footfall_date
    from visits
)

select
    known.store_id,
    known.footfall_date,
    doors.in_count,
    footfall.counted_entry_count,
    visits.visit_count,
    footfall.known_visit_count
from known
left join {{ ref('fct_store_footfall') }} as footfall
    on
        known.store_id = footfall.store_id
        and known.footfall_date = footfall.footfall_date
left join doors
    on
        known.store_id = doors.store_id
        and known.footfall_date = doors.footfall_date
left join visits
    on
        known.store_id = visits.store_id
        and known.footfall_date = visits.footfall_date
where
    footfall.store_id is null
    or footfall.known_visit_count <> coalesce(visits.visit_count, 0)
    or footfall.counted_entry_count <> greatest(coalesce(doors.in_count, 0) - footfall.staff_entry_count, 0)
    or (footfall.counted_entry_count is null) <> (footfall.uncounted_reason is not null)
    or (footfall.footfall_count is null) <> (footfall.footfall_source is null)
