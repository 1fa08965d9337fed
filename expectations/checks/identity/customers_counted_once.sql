select
    'all customers' as place,
    null as day,
    'orders' as unit,
    (
        select count(*) from marts.fct_orders
        where customer_id is not null and is_sale
    ) as left_total,
    (select sum(order_count) from marts.dim_customers) as right_total,
    0 as tolerance,
    null as ids
