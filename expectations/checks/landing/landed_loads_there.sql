with held as (
    select
        source,
        stream,
        unnest(held) as load
    from files
),

named as (
    select
        source,
        stream,
        before as load
    from files
    where before <> ''
    union
    from held
)

select
    n.source || '/' || n.stream as place,
    null as day,
    'loads' as unit,
    count(distinct n.load) as left_total,
    count(distinct h.load) as right_total,
    0 as tolerance,
    array_to_string(
        list(distinct n.load order by n.load) filter (where h.load is null)[1:5], ', '
    ) as ids
from named as n
left join held as h on n.source = h.source and n.stream = h.stream and n.load = h.load
group by all
