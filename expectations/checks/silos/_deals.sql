-- A deal belongs to its order's day; a deal without an order to the day it was closed.
select
    d.deal_id,
    d.order_name,
    d.currency_code,
    d.amount_minor,
    o.order_name is not null as has_order,
    coalesce(o.order_date, cast(d.closed_at as date)) as day,
    coalesce(o.ordered_at, d.closed_at) as happened_at
from conformed.deals as d
left join orders as o on d.order_name = o.order_name
