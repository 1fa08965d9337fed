select
    source || '/' || stream as place,
    null as day,
    'rows' as unit,
    quarantined - accepted as left_total,
    0 as right_total,
    floor((stream_rows + quarantined) * 0.01 * {{ limits.percent }}) as tolerance,
    null as ids
from streams
