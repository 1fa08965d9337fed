-- How many identifiers of each kind can be used?
select identifier_type, identifier_status, count(*) as identifier_count
from marts.dim_identifiers
group by all
order by all;

-- Which identifiers are shared by most customers?
select identifier_id, identifier_type, person_count, identifier_status
from marts.dim_identifiers
order by person_count desc
limit 20;

-- Why are identifiers blocked?
select blocked_reason, count(*) as identifier_count, sum(record_count) as record_count
from marts.dim_identifiers
where blocked_reason is not null
group by all
order by record_count desc;
