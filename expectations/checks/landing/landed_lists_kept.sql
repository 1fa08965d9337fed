with newest as (
    select
        source,
        stream,
        arg_max(rows, file) as rows,
        max(file) as file
    from lists
    group by all
),

most as (
    select
        l.source,
        l.stream,
        max(l.rows) as rows
    from lists as l
    inner join newest as n on l.source = n.source and l.stream = n.stream
    where
        strptime(substr(l.file, 1, 8), '%Y%m%d')
        >= strptime(substr(n.file, 1, 8), '%Y%m%d') - interval {{ limits.load_days }} day
    group by all
)

select
    n.source || '/' || n.stream as place,
    null as day,
    'entries' as unit,
    m.rows as left_total,
    n.rows as right_total,
    {{ limits.percent }} / 100 * m.rows as tolerance,
    'load ' || n.file as ids
from newest as n
inner join most as m on n.source = m.source and n.stream = m.stream
