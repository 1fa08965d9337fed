with conversions as (
    select
        attribution_model,
        conversion_type,
        conversion_id,
        sum(credit_share) as share
    from marts.fct_attribution
    group by attribution_model, conversion_type, conversion_id
)

select
    attribution_model || ' · ' || conversion_type as place,
    null as day,
    'conversions' as unit,
    count(*) as left_total,
    count(*) filter (where share = 1) as right_total,
    0 as tolerance,
    {{ first_five("conversion_id", "share <> 1") }} as ids
from conversions
group by attribution_model, conversion_type
