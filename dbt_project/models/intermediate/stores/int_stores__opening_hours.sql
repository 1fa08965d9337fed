with

opening_hours as (
    select * from {{ ref('opening_hours') }}
),

locations as (
    select distinct
        connection,
        location_kind,
        location_id,
        store_id
    from {{ ref('int_stores__locations') }}
    where store_id is not null
),

periods as (
    select
        locations.store_id,
        opening_hours.weekday,
        opening_hours.opens_minute,
        opening_hours.closes_minute
    from opening_hours
    inner join locations
        on
            opening_hours.connection = locations.connection
            and opening_hours.location_kind = locations.location_kind
            and opening_hours.location_id = locations.location_id
),

-- What goes on after midnight belongs to the next day, too.
split as (
    select
        store_id,
        weekday,
        opens_minute,
        case when closes_minute > opens_minute then closes_minute else 1440 end as closes_minute
    from periods
    union all
    select
        store_id,
        weekday % 7 + 1 as weekday,
        0 as opens_minute,
        closes_minute
    from periods
    where closes_minute between 1 and opens_minute
)

select
    store_id,
    weekday,
    opens_minute,
    max(closes_minute) as closes_minute
from split
group by store_id, weekday, opens_minute
