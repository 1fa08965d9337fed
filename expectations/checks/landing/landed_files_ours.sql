select
    source || '/' || stream as place,
    null as day,
    'files' as unit,
    count(*) as left_total,
    count(*) filter (where is_ours) as right_total,
    0 as tolerance,
    array_to_string(min(file, 5) filter (where not is_ours), ', ') as ids
from files
group by all
