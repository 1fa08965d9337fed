select
    'all customers' as place,
    null as day,
    'customers' as unit,
    count(*) as left_total,
    count(case when identity_fault is null then 1 end) as right_total,
    floor(count(*) * {{ limits.per_10000 }} / 10000.0) as tolerance,
    {{ first_five("customer_id", "identity_fault is not null") }} as ids
from marts.dim_customers
