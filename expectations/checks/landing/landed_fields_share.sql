select
    source || '/' || stream || ' · ' || field as place,
    null as day,
    'rows' as unit,
    stream_rows as left_total,
    present as right_total,
    if(may_be_absent and present > 0, stream_rows, least({{ limits.records }}, stream_rows // 2)) as tolerance,
    ids
from fields
