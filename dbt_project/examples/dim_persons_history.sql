-- Whose was this record on a day?
select customer_id
from marts.dim_persons_history
where
    record_kind = 'customer'
    and record_id = '1'
    and valid_from <= timestamp '2026-06-01'
    and (valid_to is null or valid_to > timestamp '2026-06-01');

-- Why do records move from one customer to another?
select cause_rule, opened_by, count(*) as record_count
from marts.dim_persons_history
where opened_by in ('merged', 'split', 'moved')
group by all
order by record_count desc;

-- Which records does a customer have now?
select source_system, record_kind, record_id, valid_from
from marts.dim_persons_history
where customer_id = 'C-1' and is_current
order by valid_from;
