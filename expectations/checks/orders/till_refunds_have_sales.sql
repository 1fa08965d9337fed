{% from "_located.sql" import at_location %}
with refunds as (
    select
        coalesce(l.store_id, 'location ' || r.location_id) as place,
        {{ local_date("r.refunded_at", "coalesce(d.time_zone, 'UTC')") }} as day,
        r.currency_code,
        r.refunded_minor,
        r.refund_id,
        o.order_id is not null as has_sale
    from conformed.refunds as r
    left join conformed.orders as o
        on r.connection = o.connection and r.source_order_id = o.source_order_id
    left join intermediate.int_stores__locations as l
        on {{ at_location("r", "r.refunded_at", "l") }}
    left join marts.dim_stores as d on l.store_id = d.store_id
    where r.refund_status <> 'failed' and r.location_kind = 'till'
)

select
    place,
    day,
    currency_code as unit,
    sum(refunded_minor) as left_total,
    coalesce(sum(refunded_minor) filter (where has_sale), 0) as right_total,
    0 as tolerance,
    {{ first_five("refund_id", "not has_sale") }} as ids
from refunds
group by place, day, currency_code
