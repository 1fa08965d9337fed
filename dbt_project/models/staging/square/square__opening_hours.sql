{{ config(materialized='view') }}

with

locations as (
    select
        connection,
        _load_id,
        square_location_id,
        {{ explode('business_periods') }} as period
    from {{ staged('stg_square__locations') }}
),

timed as (
    select
        connection,
        _load_id,
        square_location_id,
        case period.day_of_week
            when 'MON' then 1
            when 'TUE' then 2
            when 'WED' then 3
            when 'THU' then 4
            when 'FRI' then 5
            when 'SAT' then 6
            when 'SUN' then 7
        end as weekday,
        -- The wall clock's: '09:00:00'.
        {{ wall_clock('period.start_local_time') }} as opens_minute,
        {{ wall_clock('period.end_local_time') }} as closes_minute
    from locations
)

select distinct
    connection,
    'square' as source_system,
    _load_id,
    'till' as location_kind,
    square_location_id as location_id,
    weekday,
    opens_minute,
    closes_minute
from timed
where
    weekday is not null
    and opens_minute is not null
    and closes_minute is not null
