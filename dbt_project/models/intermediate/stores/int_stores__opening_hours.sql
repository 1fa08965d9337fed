with

locations as (
    select * from {{ ref('stg_square__locations') }}
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

periods as (
    select
        stores.store_id,
        {{ explode('locations.business_periods') }} as period
    from locations
    inner join stores
        on locations.square_location_id = stores.till_location_id
),

timed as (
    select
        store_id,
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
        cast(substring(period.start_local_time, 1, 2) as integer) * 60
        + cast(substring(period.start_local_time, 4, 2) as integer) as opens_minute,
        cast(substring(period.end_local_time, 1, 2) as integer) * 60
        + cast(substring(period.end_local_time, 4, 2) as integer) as closes_minute
    from periods
),

-- What goes on after midnight belongs to the next day, too.
split as (
    select
        store_id,
        weekday,
        opens_minute,
        case when closes_minute > opens_minute then closes_minute else 1440 end as closes_minute
    from timed
    union all
    select
        store_id,
        weekday % 7 + 1 as weekday,
        0 as opens_minute,
        closes_minute
    from timed
    where closes_minute between 1 and opens_minute
)

select
    store_id,
    weekday,
    opens_minute,
    max(closes_minute) as closes_minute
from split
where
    weekday is not null
    and opens_minute is not null
    and closes_minute is not null
group by store_id, weekday, opens_minute
