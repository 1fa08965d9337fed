with

-- By a clock that is wrong nobody knows when somebody was there: rpt_set_aside counts them.
pings as (
    select * from {{ ref('pings') }}
    where
        app_device_id is not null
        and {{ device_clock_holds('observed_at', 'received_at') }}
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

visit_signals as (
    select * from {{ ref('visit_signals') }}
),

opening_hours as (
    select * from {{ ref('int_stores__opening_hours') }}
),

locations as (
    select * from {{ ref('int_stores__locations') }}
),

door_counts as (
    select * from {{ ref('door_counts') }}
),

sales as (
    select * from {{ ref('orders') }}
    where sales_channel = 'till'
),

-- Whoever walks past outside is heard too, but weakly.
placed as (
    select
        pings.connection,
        pings.source_system,
        pings.ping_id,
        pings.record_key,
        pings.app_device_id,
        stores.store_id,
        stores.time_zone,
        pings.observed_at,
        {{ microseconds('pings.observed_at') }} as observed_microseconds,
        {{ local_date('pings.observed_at', 'stores.time_zone') }} as seen_date,
        pings.rssi,
        pings.signal,
        visit_signals.minimum_dwell_seconds,
        visit_signals.maximum_gap_minutes * cast(60000000 as bigint) as maximum_gap_microseconds,
        coalesce(
            -- Not every source tells the strength; who was heard long enough was there.
            (
                visit_signals.minimum_strength_dbm is null
                or pings.rssi is null
                or pings.rssi >= visit_signals.minimum_strength_dbm
            )
            and (
                visit_signals.maximum_accuracy_meters is null
                or pings.accuracy_meters <= visit_signals.maximum_accuracy_meters
            ),
            false
        ) as is_inside
    from pings
    inner join locations
        on
            {{ at_location('pings', 'pings.observed_at') }}
    inner join stores
        on locations.store_id = stores.store_id
    inner join visit_signals
        on pings.signal = visit_signals.signal
),

-- Staff phones and the shop's own devices are there for hours, day after day of the shop's clock:
-- midnight in Greenwich cuts a shift in Auckland in two.
long_days as (
    select
        app_device_id,
        store_id,
        seen_date
    from placed
    where is_inside
    group by app_device_id, store_id, seen_date
    having count(distinct date_trunc('hour', observed_at)) >= {{ var('staff_daily_hours') }}
),

staff_devices as (
    select app_device_id
    from long_days
    group by app_device_id
    having count(distinct seen_date) >= {{ var('staff_days') }}
),

with_neighbours as (
    select
        *,
        max(case when is_inside then observed_microseconds end) over (
            partition by app_device_id, store_id
            order by observed_at, ping_id
            rows between unbounded preceding and current row
        ) as inside_before,
        min(case when is_inside then observed_microseconds end) over (
            partition by app_device_id, store_id
            order by observed_at, ping_id
            rows between current row and unbounded following
        ) as inside_after
    from placed
),

-- A weak ping near strong ones says nothing more; apart from them it is somebody who passes by.
told as (
    select *
    from with_neighbours
    where
        is_inside
        or (
            coalesce(observed_microseconds - inside_before > maximum_gap_microseconds, true)
            and coalesce(inside_after - observed_microseconds > maximum_gap_microseconds, true)
        )
),

with_gap as (
    select
        *,
        observed_microseconds - lag(observed_microseconds) over device_at_store as gap_microseconds,
        -- The signal that is heard less often says how long a silence may be.
        greatest(
            maximum_gap_microseconds,
            lag(maximum_gap_microseconds, 1, maximum_gap_microseconds) over device_at_store
        ) as allowed_microseconds
    from told
    window device_at_store as (
        partition by app_device_id, store_id, is_inside
        order by observed_at, ping_id
    )
),

numbered as (
    select
        *,
        sum(case when gap_microseconds <= allowed_microseconds then 0 else 1 end) over (
            partition by app_device_id, store_id, is_inside
            order by observed_at, ping_id
            rows between unbounded preceding and current row
        ) as stay_no
    from with_gap
),

stays as (
    select
        app_device_id,
        store_id,
        time_zone,
        is_inside,
        min(observed_at) as arrived_at,
        max(observed_at) as left_at,
        min(connection) as connection,
        min(source_system) as source_system,
        min(record_key) as record_key,
        count(*) as ping_count,
        max(rssi) as strongest_rssi,
        case when min(signal) = max(signal) then min(signal) else 'several' end as signal,
        -- One tap is enough, whatever else was heard.
        min(minimum_dwell_seconds) as minimum_dwell_seconds
    from numbered
    group by app_device_id, store_id, time_zone, is_inside, stay_no
),

timed as (
    select
        {{ hash_key(['app_device_id', 'store_id', microseconds('arrived_at')]) }} as stay_id,
        *,
        {{ seconds_between('arrived_at', 'left_at') }} as dwell_seconds,
        {{ hour_number('arrived_at') }} as arrived_hour,
        {{ hour_number('left_at') }} as left_hour,
        {{ local_date('arrived_at', 'time_zone') }} as arrived_date
    from stays
),

-- By the hours that the tills were told, …
planned as (
    select distinct timed.stay_id
    from timed
    inner join opening_hours
        on
            timed.store_id = opening_hours.store_id
            -- The first day of 1970 was a Thursday.
            and opening_hours.weekday = ({{ day_number('timed.arrived_date') }} + 3) % 7 + 1
    where
        timed.arrived_at
        <= {{ local_moment('timed.arrived_date', 'opening_hours.closes_minute', 'timed.time_zone') }}
        and timed.left_at
        >= {{ local_moment('timed.arrived_date', 'opening_hours.opens_minute', 'timed.time_zone') }}
),

-- … or by what went on within an hour of coming or leaving: a holiday, a late evening.
door_hours as (
    select
        locations.store_id,
        door_counts.count_date,
        {{ hour_number('door_counts.started_at') }} as hour_number,
        sum(door_counts.in_count + door_counts.out_count) as passage_count
    from door_counts
    inner join locations
        on
            {{ at_location('door_counts', 'door_counts.started_at') }}
    where locations.store_id is not null
    group by locations.store_id, door_counts.count_date, {{ hour_number('door_counts.started_at') }}
),

active_hours as (
    select
        store_id,
        hour_number
    from door_hours
    where passage_count > 0
    union
    select
        locations.store_id,
        {{ hour_number('sales.ordered_at') }} as hour_number
    from sales
    inner join locations
        on
            {{ at_location('sales', 'sales.ordered_at') }}
),

hours_around as (
    select
        store_id,
        hour_number
    from active_hours
    union
    select
        store_id,
        hour_number - 1 as hour_number
    from active_hours
    union
    select
        store_id,
        hour_number + 1 as hour_number
    from active_hours
),

-- A door that counted nobody all day may be switched off. It says nothing.
open_days as (
    select
        store_id,
        count_date
    from door_hours
    group by store_id, count_date
    having sum(passage_count) > 0
),

watched_hours as (
    select distinct
        door_hours.store_id,
        door_hours.hour_number
    from door_hours
    inner join open_days
        on
            door_hours.store_id = open_days.store_id
            and door_hours.count_date = open_days.count_date
),

planning_stores as (
    select distinct store_id
    from opening_hours
),

judged as (
    select
        timed.*,
        case
            when not timed.is_inside then 'pass_by'
            when staff_devices.app_device_id is not null then 'staff'
            when timed.dwell_seconds < timed.minimum_dwell_seconds then 'pass_by'
            when timed.dwell_seconds > {{ var('visit_maximum_dwell_seconds') }} then 'too_long'
            when
                planned.stay_id is null
                and around_arrival.store_id is null
                and around_leaving.store_id is null
                -- Where nobody watches and nobody planned, no hour is known to be closed.
                and (planning_stores.store_id is not null or watched_hours.store_id is not null)
                then 'closed'
        end as no_visit_reason
    from timed
    left join staff_devices
        on timed.app_device_id = staff_devices.app_device_id
    left join planned
        on timed.stay_id = planned.stay_id
    left join hours_around as around_arrival
        on
            timed.store_id = around_arrival.store_id
            and timed.arrived_hour = around_arrival.hour_number
    left join hours_around as around_leaving
        on
            timed.store_id = around_leaving.store_id
            and timed.left_hour = around_leaving.hour_number
    left join planning_stores
        on timed.store_id = planning_stores.store_id
    left join watched_hours
        on
            timed.store_id = watched_hours.store_id
            and timed.arrived_hour = watched_hours.hour_number
)

select
    stay_id,
    connection,
    source_system,
    record_key,
    app_device_id,
    store_id,
    arrived_at,
    left_at,
    ping_count,
    strongest_rssi,
    signal,
    dwell_seconds,
    no_visit_reason
from judged
