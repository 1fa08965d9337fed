-- For each store, day and model, credit of known visits sums to exactly the known visits and anonymous
-- footfall to exactly what remains of the footfall; where that is unknown, so is every part of it.
with

credited as (
    select
        store_id,
        footfall_date,
        attribution_model,
        sum(known_visit_credit) as known_visit_credit,
        sum(anonymous_footfall_count) as anonymous_count,
        min(anonymous_footfall_count) as least_part
    from {{ ref('fct_footfall_attribution') }}
    group by store_id, footfall_date, attribution_model
)

select
    footfall.store_id,
    footfall.footfall_date,
    attribution_models.attribution_model,
    footfall.known_visit_count,
    credited.known_visit_credit,
    footfall.footfall_count,
    credited.anonymous_count
from {{ ref('fct_store_footfall') }} as footfall
cross join {{ ref('int_attribution__models') }} as attribution_models
left join credited
    on
        footfall.store_id = credited.store_id
        and footfall.footfall_date = credited.footfall_date
        and attribution_models.attribution_model = credited.attribution_model
where
    footfall.known_visit_count <> coalesce(credited.known_visit_credit, 0)
    or coalesce(footfall.footfall_count - footfall.known_visit_count, 0) <> coalesce(credited.anonymous_count, 0)
    or credited.least_part < 0
    or (footfall.footfall_count is null and credited.anonymous_count is not null)
