{# Every store against those that a system knows: (what is counted, column of dim_stores). #}
{% macro known_stores(systems) %}
{% for unit, is_known in systems %}
select
    store_id as place,
    cast(null as date) as day,
    '{{ unit }}' as unit,
    1 as left_total,
    cast({{ is_known }} as int) as right_total,
    0 as tolerance,
    coalesce(store_name, '(no name)') as ids
from marts.dim_stores
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
{% endmacro %}
