with refunds as (
    select
        coalesce(d.store_id, 'location ' || r.square_location_id) as place,
        {{ local_date("r.created_at", "coalesce(d.time_zone, 'UTC')") }} as day,
        r.currency_code,
        r.amount_minor,
        r.square_refund_id,
        s.square_order_id is not null as has_sale
    from staging.stg_square__refunds as r
    left join staging.stg_square__payments as p on r.square_payment_id = p.square_payment_id
    left join staging.stg_square__orders as t on r.return_order_id = t.square_order_id
    left join staging.stg_square__orders as s
        on coalesce(p.square_order_id, t.returned_order_id) = s.square_order_id
    left join marts.dim_stores as d on r.square_location_id = d.till_location_id
    where r.status not in ('REJECTED', 'FAILED')
)

select
    place,
    day,
    currency_code as unit,
    sum(amount_minor) as left_total,
    coalesce(sum(amount_minor) filter (where has_sale), 0) as right_total,
    0 as tolerance,
    {{ first_five("square_refund_id", "not has_sale") }} as ids
from refunds
group by place, day, currency_code
