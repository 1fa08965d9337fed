-- Who is a customer now whose id was kept elsewhere?
select current_customer_id, person_status
from marts.dim_person_aliases
where customer_id = 'C-1';

-- How many customers are there, and what became of the others?
select person_status, count(*) as customer_count
from marts.dim_person_aliases
group by all
order by customer_count desc;

-- How many customers turned out to be somebody known, by month?
select date_trunc('month', ended_at) as month_ended, count(*) as customer_count
from marts.dim_person_aliases
where person_status = 'merged'
group by all
order by month_ended;
