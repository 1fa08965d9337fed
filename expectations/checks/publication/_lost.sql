{# Figures that are smaller than published by more than a part of them and of a usual day. #}
{% macro lost(percent, of_a_day) %}
with usual as (
    select
        figure,
        unit,
        median(published) as day_amount
    from (
        select
            figure,
            unit,
            day,
            sum(published) as published
        from figures
        group by all
    ) as totals
    where published > 0
    group by all
),

moved as (
    select
        *,
        sum(greatest(draft - published, 0)) over (partition by figure, unit, day) as gained
    from figures
),

-- Of single places and days only what became less; of all places every day.
compared as (
    select
        figure,
        place,
        day,
        unit,
        published,
        draft,
        gained
    from moved
    where draft < published
    union all
    select
        figure,
        place,
        null as day,
        unit,
        sum(published) as published,
        sum(draft) as draft,
        sum(gained) filter (where draft < published) as gained
    from moved
    group by figure, place, unit
    having sum(moved.draft) < sum(moved.published)
    union all
    select
        figure,
        'all' as place,
        day,
        unit,
        sum(published) as published,
        sum(draft) as draft,
        0 as gained
    from figures
    group by figure, day, unit
)

select
    c.figure || ' · ' || c.place as place,
    c.day,
    c.unit,
    c.published as left_total,
    c.draft as right_total,
    greatest({{ percent }} / 100 * abs(c.published), {{ of_a_day }} / 100 * coalesce(u.day_amount, 0))
    + c.gained as tolerance,
    null as ids
from compared as c
left join usual as u on c.figure = u.figure and c.unit = u.unit
{% endmacro %}
