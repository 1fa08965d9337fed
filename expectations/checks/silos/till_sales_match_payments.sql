{% from "_located.sql" import at_location %}
-- Till by till system, because one may be further than another; a system that tells of no payments is not
-- compared.
with paid_until as (
    select
        connection,
        max(paid_at) as paid_until
    from conformed.payments
    group by connection
),

horizons as (
    select
        o.connection,
        least(max(o.ordered_at), max(p.paid_until)) - interval 1 hour as until
    from conformed.orders as o
    inner join paid_until as p on o.connection = p.connection
    where o.sales_channel = 'till'
    group by o.connection
),

sales as (
    select
        connection,
        source_order_id as order_id,
        location_kind,
        location_id,
        ordered_at,
        currency_code,
        -- Tips are paid beside the amount, and what is due is not paid.
        total_minor + gift_card_minor - tip_minor - due_minor as total_minor
    from conformed.orders
    where
        sales_channel = 'till' and order_status in ('placed', 'open')
        and total_minor + gift_card_minor - tip_minor - due_minor > 0
),

-- A payment belongs to the day and the shop of its sale; without a sale, to its own.
paid as (
    select
        p.connection,
        p.source_order_id as order_id,
        p.payment_id,
        coalesce(s.location_kind, p.location_kind) as location_kind,
        coalesce(s.location_id, p.location_id) as location_id,
        p.currency_code,
        p.amount_minor,
        s.order_id is not null as has_sale,
        coalesce(s.ordered_at, p.paid_at) as happened_at
    from conformed.payments as p
    left join sales as s on p.connection = s.connection and p.source_order_id = s.order_id
    -- What was sold on the web was not paid at a till, whichever system has both; what was paid and taken back, or
    -- deleted, is no sale any more.
    left join conformed.orders as o
        on
            p.connection = o.connection
            and p.source_order_id = o.source_order_id
            and (o.sales_channel = 'web' or o.order_status in ('cancelled', 'deleted'))
    where
        p.payment_status = 'paid'
        and o.order_id is null
),

paid_orders as (
    select distinct
        connection,
        order_id
    from paid
),

both_sides as (
    select
        s.connection,
        s.location_kind,
        s.location_id,
        s.ordered_at as happened_at,
        s.currency_code,
        s.order_id as sale_id,
        null as paid_id,
        s.total_minor as money,
        0 as paid_money,
        if(p.order_id is null, s.order_id, null) as lonely
    from sales as s
    left join paid_orders as p on s.connection = p.connection and s.order_id = p.order_id
    union all
    select
        connection,
        location_kind,
        location_id,
        happened_at,
        currency_code,
        null as sale_id,
        order_id as paid_id,
        0 as money,
        amount_minor as paid_money,
        if(has_sale, null, payment_id) as lonely
    from paid
),

local as (
    select
        coalesce(l.store_id, 'location ' || b.location_id) as place,
        b.*,
        {{ local_date("b.happened_at", "coalesce(s.time_zone, 'UTC')") }} as day
    from both_sides as b
    inner join horizons as h on b.connection = h.connection
    left join intermediate.int_stores__locations as l
        on {{ at_location("b", "b.happened_at", "l") }}
    left join marts.dim_stores as s on l.store_id = s.store_id
    where b.happened_at <= h.until
)

select
    place,
    day,
    'sales' as unit,
    count(distinct sale_id) as left_total,
    count(distinct paid_id) as right_total,
    0 as tolerance,
    {{ first_five("lonely") }} as ids
from local
group by place, day
union all
select
    place,
    day,
    currency_code as unit,
    sum(money) as left_total,
    sum(paid_money) as right_total,
    0 as tolerance,
    {{ first_five("lonely") }} as ids
from local
group by place, day, currency_code
