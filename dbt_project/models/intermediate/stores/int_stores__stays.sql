with

pings as (
    select * from {{ ref('stg_store_sensors__pings') }}
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

-- Whoever walks past outside is heard too, but weakly.
inside as (
    select
        pings.ping_id,
        pings.app_device_id,
        stores.store_id,
        pings.observed_at,
        {{ local_date('pings.observed_at', 'stores.time_zone') }} as seen_date,
        pings.rssi
    from pings
    inner join stores
        on pings.store_code = stores.store_id
    where
        pings.rssi >= {{ var('visit_minimum_rssi') }}
        and pings.app_device_id is not null
),

-- Staff phones and the shop's own devices are there for hours, day after day of the shop's clock:
-- midnight in Greenwich cuts a shift in Auckland in two.
long_days as (
    select
        app_device_id,
        store_id,
        seen_date
    from inside
    group by app_device_id, store_id, seen_date
    having count(distinct date_trunc('hour', observed_at)) >= {{ var('staff_daily_hours') }}
),

staff_devices as (
    select app_device_id
    from long_days
    group by app_device_id
    having count(distinct seen_date) >= {{ var('staff_days') }}
),

with_gap as (
    select
        *,
        {{ microseconds('observed_at') }} - lag({{ microseconds('observed_at') }}) over (
            partition by app_device_id, store_id
            order by observed_at, ping_id
        ) as gap_microseconds
    from inside
),

numbered as (
    select
        *,
        sum(
            case
                when gap_microseconds <= {{ var('visit_gap_minutes') }} * cast(60000000 as bigint) then 0
                else 1
            end
        ) over (
            partition by app_device_id, store_id
            order by observed_at, ping_id
            rows between unbounded preceding and current row
        ) as stay_no
    from with_gap
),

stays as (
    select
        app_device_id,
        store_id,
        min(observed_at) as arrived_at,
        max(observed_at) as left_at,
        count(*) as ping_count,
        max(rssi) as strongest_rssi
    from numbered
    group by app_device_id, store_id, stay_no
),

judged as (
    select
        {{ hash_key(['stays.app_device_id', 'stays.store_id', microseconds('stays.arrived_at')]) }}
            as stay_id,
        stays.*,
        {{ seconds_between('stays.arrived_at', 'stays.left_at') }} as dwell_seconds,
        staff_devices.app_device_id is not null as is_staff
    from stays
    left join staff_devices
        on stays.app_device_id = staff_devices.app_device_id
)

select * from judged
