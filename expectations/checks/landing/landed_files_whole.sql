select
    source || '/' || stream as place,
    null as day,
    'rows' as unit,
    sum(declared) as left_total,
    sum(rows) as right_total,
    0 as tolerance,
    array_to_string(min(file, 5) filter (where declared is distinct from rows), ', ') as ids
from files
where rows > 0 or declared > 0
group by all
