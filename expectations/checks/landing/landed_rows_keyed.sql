select
    source || '/' || stream as place,
    null as day,
    'rows' as unit,
    stream_rows as left_total,
    keyed as right_total,
    0 as tolerance,
    unkeyed as ids
from streams
