with

stays as (
    select * from {{ ref('int_stores__stays') }}
    where no_visit_reason is null
),

presences as (
    select * from {{ ref('int_stores__presences') }}
    where no_visit_reason is null
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

visits as (
    select
        stays.stay_id as visit_id,
        stays.connection,
        stays.source_system,
        stays.store_id,
        persons.customer_id,
        {{ outward_hash('stays.app_device_id') }} as device_id,
        stays.arrived_at,
        stays.left_at,
        stays.dwell_seconds,
        stays.ping_count,
        stays.strongest_rssi,
        stays.signal
    from stays
    left join persons
        on stays.record_key = persons.record_key
    union all
    select
        presence_id as visit_id,
        connection,
        source_system,
        store_id,
        customer_id,
        {{ outward_hash('record_key') }} as device_id,
        arrived_at,
        left_at,
        dwell_seconds,
        event_count as ping_count,
        cast(null as integer) as strongest_rssi,
        signal
    from presences
)

select
    visits.visit_id,
    visits.connection,
    visits.source_system,
    visits.store_id,
    visits.customer_id,
    visits.device_id,
    visits.arrived_at,
    visits.left_at,
    visits.dwell_seconds,
    {{ local_date('visits.arrived_at', 'stores.time_zone') }} as visit_date,
    stores.time_zone,
    stores.currency_code,
    visits.ping_count,
    visits.strongest_rssi,
    visits.signal
from visits
inner join stores
    on visits.store_id = stores.store_id
