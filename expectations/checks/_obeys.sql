{#
    Rules on rows: all rows of a table against those that obey a condition. A condition that is NULL counts as
    broken. The five first offenders are named.
#}
{% macro obeys(place, table, condition, key) %}
select
    '{{ place }}' as place,
    cast(null as date) as day,
    'rows' as unit,
    count(*) as left_total,
    count(*) filter (where {{ condition }}) as right_total,
    0 as tolerance,
    {{ first_five("cast(" ~ key ~ " as string)", "not coalesce((" ~ condition ~ "), false)") }} as ids
from {{ table }}
{% endmacro %}

{# The same for several rules: (what, mart, its key, condition). #}
{% macro all_obey(rules) %}
{% for what, mart, key, condition in rules %}
{{ obeys(what, "marts." ~ mart, condition, key) }}
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
{% endmacro %}
