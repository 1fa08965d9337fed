-- What does an order cost by channel, by the company's model, on the day of the click?
select channel, sum(spend_amount) / nullif(sum(attributed_order_count), 0) as cost_per_order
from marts.rpt_channel_performance
where attribution_model = 'last_non_direct' and credit_view = 'accrual'
group by all
order by cost_per_order;

-- How do models differ for one channel?
select attribution_model, sum(revenue_amount) as revenue_amount
from marts.rpt_channel_performance
where channel = 'email' and credit_view = 'cash'
group by all
order by revenue_amount desc;

-- Which channels bring inquiries and bookings?
select channel, sum(attributed_lead_count) as inquiry_count, sum(attributed_booking_count) as booking_count
from marts.rpt_channel_performance
where attribution_model = 'last_non_direct' and credit_view = 'cash'
group by all
order by inquiry_count desc;
