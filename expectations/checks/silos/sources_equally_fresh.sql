with newest as (
    {% for feed in feeds %}
    select
        '{{ feed.title }}' as place,
        cast({{ feed.newest }} as timestamp) as happened_at
    from staging.{{ feed.model }}
    where connection = '{{ feed.connection }}'
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

freshest as (
    select max(happened_at) as happened_at from newest
)

select
    n.place,
    cast(n.happened_at as date) as day,
    'hours' as unit,
    {{ hours_between("n.happened_at", "f.happened_at") }} as left_total,
    0 as right_total,
    {{ limits.hours }} as tolerance,
    coalesce(
        'newest event ' || substr(cast(n.happened_at as string), 1, 16) || ' UTC',
        'no event at all'
    ) as ids
from newest as n
cross join freshest as f
