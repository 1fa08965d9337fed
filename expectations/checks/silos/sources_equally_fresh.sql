with newest as (
    {% for feed in feeds %}
    select
        '{{ feed.title }}' as place,
        cast(max({{ feed.happened_at }}) as timestamp) as happened_at,
        cast(min({{ feed.happened_at }}) as timestamp) as first_at,
        count(distinct cast({{ feed.happened_at }} as date)) as event_days
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
    -- A feed that does not bring something every day, such as a survey's few answers, may be silent for longer: by
    -- four times what lies between two of its days beyond the one.
    {{ limits.hours }} + cast(greatest(
        coalesce(4 * floor({{ hours_between("n.first_at", "n.happened_at") }} / nullif(n.event_days - 1, 0) - 24), 0), 0
    ) as bigint) as tolerance,
    coalesce(
        'newest event ' || substr(cast(n.happened_at as string), 1, 16) || ' UTC',
        'no event at all'
    ) as ids
from newest as n
cross join freshest as f
