-- What does a Sankey diagram of shop sales draw?
select position, from_channel, to_channel, journey_count
from marts.rpt_path_steps
where conversion_type = 'till_order'
order by all;

-- After which channel do people convert?
select from_channel, sum(journey_count) as journey_count
from marts.rpt_path_steps
where conversion_type = 'till_order' and to_channel = 'converted'
group by all
order by journey_count desc;

-- What follows an e-mail?
select to_channel, sum(journey_count) as journey_count
from marts.rpt_path_steps
where conversion_type = 'web_order' and from_channel = 'email'
group by all
order by journey_count desc;
