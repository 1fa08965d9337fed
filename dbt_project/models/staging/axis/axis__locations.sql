{{ config(materialized='view') }}

with

counters as (
    select * from {{ staged('stg_axis__counters') }}
),

-- What counted before it told of itself, or has left the setting, is known by its counts.
counted as (
    select
        connection,
        max(_load_id) as _load_id,
        counter_serial,
        max(counter_name) as counter_name
    from {{ ref('stg_axis__door_counts') }}
    group by connection, counter_serial
)

select
    coalesce(counters.connection, counted.connection) as connection,
    'axis' as source_system,
    coalesce(counters._load_id, counted._load_id) as _load_id,
    'counter' as location_kind,
    coalesce(counters.counter_serial, counted.counter_serial) as location_id,
    coalesce(counters.store_code, {{ store_code('counted.counter_name') }}) as store_code,
    coalesce(counters.counter_name, counted.counter_name) as location_name,
    {{ as_text('null') }} as city,
    {{ as_text('null') }} as region_code,
    {{ as_text('null') }} as country_code,
    counters.time_zone,
    {{ as_text('null') }} as currency_code,
    cast(null as boolean) as is_open
from counters
full outer join counted
    on counters.connection = counted.connection and counters.counter_serial = counted.counter_serial
