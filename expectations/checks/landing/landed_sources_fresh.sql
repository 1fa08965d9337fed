select
    source as place,
    max(newest_cursor)::date as day,
    'hours' as unit,
    date_diff('hour', max(newest_cursor), max(max(newest_cursor)) over ()) as left_total,
    0 as right_total,
    {{ limits.hours }} as tolerance,
    'newest record ' || strftime(max(newest_cursor), '%Y-%m-%d %H:%M UTC') as ids
from streams
where newest_cursor is not null
group by source
