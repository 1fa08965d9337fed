-- Which paths lead most often into a shop?
select path_rank, channel_path, conversion_count
from marts.rpt_paths
where conversion_type = 'store_visit' and path_rank <= 20
order by path_rank;

-- Which paths are worth most?
select channel_path, revenue_amount, conversion_count
from marts.rpt_paths
where conversion_type = 'web_order' and channel_path is not null
order by revenue_amount desc
limit 20;

-- Of how many conversions is no touch known?
select conversion_type, conversion_share
from marts.rpt_paths
where channel_path is null
order by conversion_type;
