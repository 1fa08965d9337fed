-- What was booked by month: sales less what was given back in it?
select date_trunc('month', booked_date) as booked_month, sum(revenue_amount) as revenue_amount
from marts.fct_sales_entries
group by all
order by booked_month;

-- How do revenue by order date and revenue as booked differ for the shops?
select
    stores.store_name,
    sum(entries.revenue_amount) filter (where entries.store_id = stores.store_id) as by_order_amount,
    sum(entries.revenue_amount) filter (where entries.booked_store_id = stores.store_id) as as_booked_amount
from marts.fct_sales_entries as entries
inner join marts.dim_stores as stores
    on entries.store_id = stores.store_id or entries.booked_store_id = stores.store_id
group by all
order by all;

-- What part of what was sold was given back?
select order_channel, -sum(revenue_amount) filter (where entry_kind <> 'sale') / sum(revenue_amount) filter (where entry_kind = 'sale') as given_back_rate
from marts.fct_sales_entries
group by all
order by all;
