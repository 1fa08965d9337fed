select
    streams.source as place,
    max(streams.newest_cursor)::date as day,
    'hours' as unit,
    date_diff('hour', max(streams.newest_cursor), max(max(streams.newest_cursor)) over ()) as left_total,
    0 as right_total,
    {{ limits.hours }} + coalesce(max(rests.hours), 0) as tolerance,
    'newest record ' || strftime(max(streams.newest_cursor), '%Y-%m-%d %H:%M UTC') as ids
from streams
left join rests on streams.source = rests.source
where streams.newest_cursor is not null
group by streams.source
