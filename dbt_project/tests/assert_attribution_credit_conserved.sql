-- Each conversion, in each model, is credited exactly once over: shares sum to 1, money to its value.
with

expected as (
    select
        conversions.conversion_id,
        attribution_models.attribution_model,
        conversions.value_minor,
        conversions.value_reporting_minor
    from {{ ref('int_conversions') }} as conversions
    cross join {{ ref('int_attribution__models') }} as attribution_models
),

credited as (
    select
        conversion_id,
        attribution_model,
        sum(credit_share) as credit_share,
        sum(credit_minor) as credit_minor,
        sum(credit_reporting_minor) as credit_reporting_minor
    from {{ ref('fct_attribution') }}
    group by conversion_id, attribution_model
)

select
    coalesce(expected.conversion_id, credited.conversion_id) as conversion_id,
    coalesce(expected.attribution_model, credited.attribution_model) as attribution_model,
    expected.value_minor,
    credited.credit_minor,
    credited.credit_share
from expected
full outer join credited
    on
        expected.conversion_id = credited.conversion_id
        and expected.attribution_model = credited.attribution_model
where
    expected.conversion_id is null
    or credited.conversion_id is null
    or credited.credit_share <> 1
    or credited.credit_minor <> expected.value_minor
    or credited.credit_reporting_minor <> expected.value_reporting_minor
