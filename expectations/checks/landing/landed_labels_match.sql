select
    source || '/' || stream as place,
    null as day,
    'rows' as unit,
    stream_rows as left_total,
    labelled as right_total,
    0 as tolerance,
    null as ids
from streams
