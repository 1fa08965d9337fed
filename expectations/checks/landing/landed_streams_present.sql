select
    e.source || '/' || e.stream as place,
    null as day,
    'streams' as unit,
    1 as left_total,
    (s.stream is not null)::int as right_total,
    0 as tolerance,
    null as ids
from expected as e
left join streams as s on e.source = s.source and e.stream = s.stream
