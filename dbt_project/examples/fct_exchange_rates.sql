-- What was a US dollar worth on each day?
select rate_date, rate_to_reporting, quoted_date
from marts.fct_exchange_rates
where currency_code = 'USD'
order by rate_date;

-- Which rates are older than a long weekend?
select currency_code, rate_date, quoted_date, days_since_quoted
from marts.fct_exchange_rates
where days_since_quoted > 4
order by days_since_quoted desc;

-- Which currencies were paid in without any rate to convert them by?
select orders.currency_code, count(*) as order_count
from marts.fct_orders as orders
anti join marts.fct_exchange_rates as rates using (currency_code)
group by all;
