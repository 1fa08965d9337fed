-- Why do links not count?
select blocked_reason, identifier_type, count(*) as link_count
from marts.fct_identity_breaks
group by all
order by link_count desc;

-- Which identifiers break most links?
select breaks.identifier_id, identifiers.identifier_status, count(*) as link_count
from marts.fct_identity_breaks as breaks
left join marts.dim_identifiers as identifiers using (identifier_id)
group by all
order by link_count desc
limit 20;

-- How many records are nobody's since a link was cut?
select source_system, record_kind, count(distinct record_id) as record_count
from marts.fct_identity_breaks
where customer_id is null
group by all
order by record_count desc;
