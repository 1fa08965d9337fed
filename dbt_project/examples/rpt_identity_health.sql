-- How many records of each system belong to a customer of another system?
select source_system, record_kind, sum(matched_count) / sum(record_count) as match_rate
from marts.rpt_identity_health
group by all
order by match_rate;

-- Which records are nobody's?
select source_system, record_kind, record_count, orphan_count
from marts.rpt_identity_health
where orphan_count > 0
order by orphan_count desc;

-- Where do guards cut links?
select connection, record_kind, broken_link_count, guarded_link_count
from marts.rpt_identity_health
where broken_link_count > 0
order by broken_link_count desc;
