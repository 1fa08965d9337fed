{% from "rows/_keys.sql" import keys %}
{% for mart, key in keys.items() %}
select
    '{{ mart }}' as place,
    cast(null as date) as day,
    'rows' as unit,
    count(*) as left_total,
    count(distinct {{ key }}) as right_total,
    0 as tolerance,
    null as ids
from marts.{{ mart }}
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
