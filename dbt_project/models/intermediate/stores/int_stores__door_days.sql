with

stores as (
    select * from {{ ref('int_stores__matched') }}
),

locations as (
    select * from {{ ref('int_stores__locations') }}
),

door_counts as (
    select * from {{ ref('door_counts') }}
),

stays as (
    select * from {{ ref('int_stores__stays') }}
),

visits as (
    select * from {{ ref('int_stores__visits') }}
),

orders as (
    select * from {{ ref('int_orders__all') }}
),

-- A store may have several doors, each with its counter.
counter_days as (
    select
        stores.store_id,
        door_counts.connection,
        door_counts.location_id,
        {{ local_date('door_counts.started_at', 'stores.time_zone') }} as door_date,
        sum(door_counts.in_count) as in_count,
        sum({{ seconds_between('door_counts.started_at', 'door_counts.ended_at') }}) as counted_seconds
    from door_counts
    inner join locations
        on
            {{ at_location('door_counts', 'door_counts.started_at') }}
    inner join stores
        on locations.store_id = stores.store_id
    group by
        stores.store_id,
        door_counts.connection,
        door_counts.location_id,
        {{ local_date('door_counts.started_at', 'stores.time_zone') }}
),

counter_spans as (
    select
        store_id,
        connection,
        location_id,
        min({{ day_number('door_date') }}) as first_day,
        max({{ day_number('door_date') }}) as last_day
    from counter_days
    group by store_id, connection, location_id
),

-- One entry per phone of the staff and day: their pings are too few to tell who went out for lunch.
staff_days as (
    select
        stays.store_id,
        {{ local_date('stays.arrived_at', 'stores.time_zone') }} as door_date,
        count(distinct stays.app_device_id) as staff_entry_count
    from stays
    inner join stores
        on stays.store_id = stores.store_id
    where stays.no_visit_reason = 'staff'
    group by stays.store_id, {{ local_date('stays.arrived_at', 'stores.time_zone') }}
),

visit_days as (
    select
        store_id,
        visit_date as door_date,
        count(*) as known_visit_count
    from visits
    group by store_id, visit_date
),

receipt_days as (
    select
        store_id,
        order_date as door_date,
        count(*) as receipt_count
    from orders
    where
        order_channel = 'till'
        and is_sale
    group by store_id, order_date
),

seen_days as (
    select
        store_id,
        door_date
    from counter_days
    union
    select
        store_id,
        door_date
    from visit_days
),

first_days as (
    select
        store_id,
        min(door_date) as first_date
    from seen_days
    group by store_id
),

days as (
    select distinct door_date
    from seen_days
),

-- A day without any sign is a day, too, once the store's sensors have begun.
spine as (
    select
        first_days.store_id,
        stores.time_zone,
        days.door_date,
        {{ day_number('days.door_date') }} as day_number
    from first_days
    inner join days
        on first_days.first_date <= days.door_date
    inner join stores
        on first_days.store_id = stores.store_id
),

-- Every counter is waited for from its first day on. One that has been silent for a whole window was
-- taken down.
counted as (
    select
        spine.store_id,
        spine.door_date,
        count(counter_spans.location_id) as counter_count,
        sum(case
            when counter_days.counted_seconds >= {{ local_day_seconds('spine.door_date', 'spine.time_zone') }} then 1
            else 0
        end) as complete_counter_count,
        coalesce(sum(counter_days.in_count), 0) as in_count
    from spine
    left join counter_spans
        on
            spine.store_id = counter_spans.store_id
            and spine.day_number >= counter_spans.first_day
            and spine.day_number <= counter_spans.last_day + {{ var('footfall_window_days') }}
    left join counter_days
        on
            spine.store_id = counter_days.store_id
            and spine.door_date = counter_days.door_date
            and counter_spans.connection = counter_days.connection
            and counter_spans.location_id = counter_days.location_id
    group by spine.store_id, spine.door_date
),

joined as (
    select
        spine.store_id,
        spine.door_date,
        spine.day_number,
        spine.time_zone,
        counted.counter_count,
        counted.complete_counter_count,
        cast(counted.in_count as bigint) as in_count,
        coalesce(staff_days.staff_entry_count, 0) as staff_entry_count,
        coalesce(visit_days.known_visit_count, 0) as known_visit_count,
        coalesce(receipt_days.receipt_count, 0) as receipt_count
    from spine
    inner join counted
        on
            spine.store_id = counted.store_id
            and spine.door_date = counted.door_date
    left join staff_days
        on
            spine.store_id = staff_days.store_id
            and spine.door_date = staff_days.door_date
    left join visit_days
        on
            spine.store_id = visit_days.store_id
            and spine.door_date = visit_days.door_date
    left join receipt_days
        on
            spine.store_id = receipt_days.store_id
            and spine.door_date = receipt_days.door_date
),

netted as (
    select
        *,
        greatest(in_count - staff_entry_count, 0) as entry_count
    from joined
),

judged as (
    select
        *,
        case
            when counter_count = 0 then 'no_counter'
            when complete_counter_count < counter_count then 'incomplete'
            when
                entry_count * 100
                < greatest(receipt_count, known_visit_count) * {{ var('door_count_minimum_percent') }}
                then 'fewer_than_seen'
        end as uncounted_reason
    from netted
)

select
    store_id,
    door_date,
    day_number,
    time_zone,
    in_count,
    staff_entry_count,
    known_visit_count,
    receipt_count,
    case when uncounted_reason is null then entry_count end as entry_count,
    uncounted_reason
from judged
