-- What brought people into the shops, those without a known phone included?
select channel, sum(known_visit_credit) + sum(anonymous_footfall_count) as people
from marts.fct_footfall_attribution
where attribution_model = 'last_non_direct'
group by all
order by people desc;

-- How much of the footfall can no channel explain?
select unattributed_reason, sum(known_visit_credit) as known_visits, sum(anonymous_footfall_count) as anonymous_people
from marts.fct_footfall_attribution
where attribution_model = 'last_non_direct' and channel = 'unattributed'
group by all
order by all;

-- Which shop do ads lead most people to?
select stores.store_name, sum(footfall.known_visit_credit) as known_visits
from marts.fct_footfall_attribution as footfall
inner join marts.dim_stores as stores using (store_id)
where footfall.attribution_model = 'last_non_direct' and footfall.channel = 'paid_search'
group by all
order by known_visits desc;
