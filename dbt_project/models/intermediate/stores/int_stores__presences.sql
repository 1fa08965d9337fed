with

-- Of whom nobody knows who it was, a phone or a counter tells better; and what was bought at a kiosk is a sale, as at a
-- till.
events as (
    select * from {{ ref('store_events') }}
    where
        record_key is not null
        and not (event_kind in ('kiosk_session', 'offer_used') and source_order_id is not null)
),

visit_signals as (
    select * from {{ ref('visit_signals') }}
),

locations as (
    select * from {{ ref('int_stores__locations') }}
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

stays as (
    select * from {{ ref('int_stores__stays') }}
    where no_visit_reason is null or no_visit_reason = 'staff'
),

placed as (
    select
        events.connection,
        events.source_system,
        events.event_id,
        events.event_kind,
        events.record_key,
        persons.customer_id,
        stores.store_id,
        stores.time_zone,
        events.started_at,
        greatest(events.started_at, coalesce(events.ended_at, events.started_at)) as ended_at,
        {{ microseconds('events.started_at') }} as started_microseconds,
        {{ microseconds('greatest(events.started_at, coalesce(events.ended_at, events.started_at))') }}
            as ended_microseconds,
        visit_signals.minimum_dwell_seconds,
        visit_signals.maximum_gap_minutes * cast(60000000 as bigint) as maximum_gap_microseconds
    from events
    inner join visit_signals
        on events.event_kind = visit_signals.signal
    inner join locations
        on
            {{ at_location('events', 'events.started_at') }}
    inner join stores
        on locations.store_id = stores.store_id
    inner join persons
        on events.record_key = persons.record_key
),

-- A long session holds those within it together, whenever the last of them began.
with_reach as (
    select
        *,
        max(ended_microseconds) over (
            partition by customer_id, store_id
            order by started_at, connection, event_id
            rows between unbounded preceding and 1 preceding
        ) as reached_microseconds,
        greatest(
            maximum_gap_microseconds,
            lag(maximum_gap_microseconds, 1, maximum_gap_microseconds) over (
                partition by customer_id, store_id
                order by started_at, connection, event_id
            )
        ) as allowed_microseconds
    from placed
),

numbered as (
    select
        *,
        sum(
            case when started_microseconds - reached_microseconds <= allowed_microseconds then 0 else 1 end
        ) over (
            partition by customer_id, store_id
            order by started_at, connection, event_id
            rows between unbounded preceding and current row
        ) as presence_no
    from with_reach
),

presences as (
    select
        customer_id,
        store_id,
        time_zone,
        min(connection) as connection,
        min(source_system) as source_system,
        min(record_key) as record_key,
        min(started_at) as arrived_at,
        max(ended_at) as left_at,
        count(*) as event_count,
        case when min(event_kind) = max(event_kind) then min(event_kind) else 'several' end as signal,
        min(minimum_dwell_seconds) as minimum_dwell_seconds,
        max(maximum_gap_microseconds) as maximum_gap_microseconds
    from numbered
    group by customer_id, store_id, time_zone, presence_no
),

timed as (
    select
        {{ hash_key(["'presence'", 'record_key', 'store_id', microseconds('arrived_at')]) }} as presence_id,
        *,
        {{ seconds_between('arrived_at', 'left_at') }} as dwell_seconds,
        {{ local_date('arrived_at', 'time_zone') }} as arrived_date,
        -- Whoever is noted once a day, and is still there, sleeps there.
        maximum_gap_microseconds >= cast(86400000000 as bigint) as is_overnight
    from presences
),

-- Staff are on the store's network for hours, day after day; so are guests in their rooms.
long_days as (
    select
        customer_id,
        store_id,
        arrived_date
    from timed
    where not is_overnight
    group by customer_id, store_id, arrived_date
    having sum(dwell_seconds) >= {{ var('staff_daily_hours') }} * 3600
),

heard as (
    select
        persons.customer_id,
        stays.store_id,
        stays.arrived_at,
        stays.left_at,
        stays.no_visit_reason
    from stays
    inner join persons
        on stays.record_key = persons.record_key
),

staff as (
    select customer_id
    from long_days
    group by customer_id
    having count(distinct arrived_date) >= {{ var('staff_days') }}
    union
    select customer_id
    from heard
    where no_visit_reason = 'staff'
),

-- The phone of the same person was heard there at that time: it is one visit.
of_stays as (
    select distinct timed.presence_id
    from timed
    inner join heard
        on
            timed.customer_id = heard.customer_id
            and timed.store_id = heard.store_id
            and heard.no_visit_reason is null
            and {{ microseconds('heard.arrived_at') }} - {{ microseconds('timed.left_at') }}
            <= timed.maximum_gap_microseconds
            and {{ microseconds('timed.arrived_at') }} - {{ microseconds('heard.left_at') }}
            <= timed.maximum_gap_microseconds
)

select
    timed.presence_id,
    timed.connection,
    timed.source_system,
    timed.record_key,
    timed.customer_id,
    timed.store_id,
    timed.time_zone,
    timed.arrived_at,
    timed.left_at,
    timed.dwell_seconds,
    timed.event_count,
    timed.signal,
    case
        when staff.customer_id is not null then 'staff'
        when of_stays.presence_id is not null then 'same_visit'
        when timed.dwell_seconds < timed.minimum_dwell_seconds then 'pass_by'
        when timed.dwell_seconds > {{ var('visit_maximum_dwell_seconds') }} and not timed.is_overnight then 'too_long'
    end as no_visit_reason
from timed
left join staff
    on timed.customer_id = staff.customer_id
left join of_stays
    on timed.presence_id = of_stays.presence_id
