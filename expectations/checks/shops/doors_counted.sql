with newest as (
    select max(footfall_date) as last_day from marts.fct_store_footfall
),

recent as (
    select
        f.store_id,
        f.counted_entry_count,
        f.uncounted_reason
    from marts.fct_store_footfall as f
    cross join newest as n
    where f.footfall_date > n.last_day - {{ limits.days }}
)

select
    store_id as place,
    null as day,
    'days' as unit,
    count(*) as left_total,
    count(counted_entry_count) as right_total,
    {{ limits.uncounted_days }} as tolerance,
    min(uncounted_reason) as ids
from recent
group by store_id
