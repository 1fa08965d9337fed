-- How many members are active?
select loyalty_month, connection, active_member_count / member_count as active_rate
from marts.rpt_loyalty
order by all;

-- What part of the points earned runs out?
select connection, -sum(expired_points) / nullif(sum(earned_points), 0) as breakage_rate
from marts.rpt_loyalty
group by all;

-- How did what we owe in points change?
select loyalty_month, connection, opening_points, closing_points
from marts.rpt_loyalty
order by all;
