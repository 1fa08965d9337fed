with stores as (
    select
        store_id,
        sum(known_visit_count) as visits,
        coalesce(sum(footfall_count - known_visit_count), 0) as anonymous
    from marts.fct_store_footfall
    group by store_id
),

models as (select distinct attribution_model from marts.fct_footfall_attribution),

credit as (
    select
        store_id,
        attribution_model,
        sum(known_visit_credit) as visits,
        coalesce(sum(anonymous_footfall_count), 0) as anonymous
    from marts.fct_footfall_attribution
    group by store_id, attribution_model
),

both_sides as (
    select
        s.store_id || ' · ' || m.attribution_model || ' model' as place,
        s.visits,
        s.anonymous,
        coalesce(c.visits, 0) as credited_visits,
        coalesce(c.anonymous, 0) as credited_anonymous
    from stores as s
    cross join models as m
    left join credit as c
        on s.store_id = c.store_id and m.attribution_model = c.attribution_model
)

select
    place,
    null as day,
    'known visits' as unit,
    visits as left_total,
    credited_visits as right_total,
    0 as tolerance,
    null as ids
from both_sides
union all
select
    place,
    null as day,
    'anonymous people' as unit,
    anonymous as left_total,
    credited_anonymous as right_total,
    0 as tolerance,
    null as ids
from both_sides
