select
    source || '/' || stream as place,
    null as day,
    'rows' as unit,
    quarantined - accepted as left_total,
    0 as right_total,
    0 as tolerance,
    null as ids
from streams
