-- A deal belongs to its order's day; one whose order is not there to the day it was closed, or made. What sales people
-- work on, and whatever else names no order, is none of the shop's.
select
    d.deal_id,
    d.order_name,
    d.currency_code,
    d.amount_minor,
    o.order_name is not null as has_order,
    coalesce(o.order_date, cast(coalesce(d.closed_at, d.created_at) as date)) as day,
    coalesce(o.ordered_at, d.closed_at, d.created_at) as happened_at
from conformed.deals as d
left join orders as o on d.order_name = o.order_name
where d.order_name is not null
