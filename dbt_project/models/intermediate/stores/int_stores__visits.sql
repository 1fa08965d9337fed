with

stays as (
    select * from {{ ref('int_stores__stays') }}
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
        {{ local_date('stays.arrived_at', 'stores.time_zone') }} as visit_date,
        stores.time_zone,
        stores.currency_code,
        stays.ping_count,
        stays.strongest_rssi,
        stays.signal
    from stays
    inner join stores
        on stays.store_id = stores.store_id
    left join persons
        on stays.record_key = persons.record_key
    where stays.no_visit_reason is null
)

select * from visits
