select
    source || '/' || stream as place,
    null as day,
    'rows' as unit,
    stream_rows as left_total,
    objects as right_total,
    0 as tolerance,
    malformed as ids
from streams
