with span as (
    select
        source,
        stream,
        min(day) as first_day,
        max(day) as last_day
    from days
    group by all
),

calendar as (
    select
        source,
        stream,
        unnest(
            generate_series(first_day::timestamp, last_day::timestamp, interval 1 day)
        )::date as day
    from span
),

holes as (
    select
        c.source,
        c.stream,
        list(c.day::varchar order by c.day) as missing
    from calendar as c
    anti join days as d on c.source = d.source and c.stream = d.stream and c.day = d.day
    -- Of these it is known why they are not there; another check tells.
    anti join unanswered as u on c.source = u.source and c.stream = u.stream and c.day = u.day
    group by all
)

select
    s.source || '/' || s.stream as place,
    null as day,
    'days' as unit,
    s.last_day - s.first_day + 1 as left_total,
    s.last_day - s.first_day + 1 - coalesce(len(h.missing), 0) as right_total,
    0 as tolerance,
    array_to_string(h.missing[1:20], ', ') as ids
from span as s
left join holes as h on s.source = h.source and s.stream = h.stream
