with newest as (
    select
        source,
        stream,
        max(day) as day
    from (
        select
            source,
            stream,
            day
        from days
        union all
        select
            source,
            stream,
            day
        from unanswered
    ) as asked
    group by all
)

select
    u.source || '/' || u.stream || coalesce(' · ' || u.part, '') as place,
    u.day,
    'days' as unit,
    1 as left_total,
    0 as right_total,
    -- The newest days may well be on their way.
    case
        when
            u.kind = 'missing'
            and u.day > n.day - {{ limits.days }} - (coalesce(r.hours, 0) // 24)::int
            then 1
        else 0
    end as tolerance,
    case u.kind when 'missing' then 'nothing landed yet' else 'what landed before stays' end as ids
from unanswered as u
inner join newest as n on u.source = n.source and u.stream = n.stream
left join rests as r on u.source = r.source
