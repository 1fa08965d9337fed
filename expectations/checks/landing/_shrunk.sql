{# Rows of a day in the newest load that covers it, against the most that another load of late had of it. #}
{% macro shrunk(percent, least, days) %}
with newest_load as (
    select strptime(max(substr(file, 1, 8)), '%Y%m%d') - interval {{ days }} day as since
    from day_loads
),

per_day as (
    select
        d.source,
        d.stream,
        d.day,
        arg_max(d.rows, d.file) as newest,
        max(d.rows) as most,
        max(d.file) as file
    from day_loads as d
    group by all
)

select
    p.source || '/' || p.stream as place,
    p.day,
    'rows' as unit,
    p.most as left_total,
    p.newest as right_total,
    greatest({{ percent }} / 100 * p.most, {{ least }}) as tolerance,
    'load ' || p.file as ids
from per_day as p
cross join newest_load as n
where p.newest < p.most and strptime(substr(p.file, 1, 8), '%Y%m%d') >= n.since
{% endmacro %}
