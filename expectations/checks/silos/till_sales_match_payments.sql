with horizon as (
    select least(
        (select max(created_at) from staging.stg_square__orders),
        (select max(created_at) from staging.stg_square__payments)
    ) - interval 1 hour as until
),

sales as (
    select
        square_order_id as order_id,
        square_location_id as location_id,
        created_at,
        currency_code,
        total_minor
    from staging.stg_square__orders
    where total_minor > 0 and order_state <> 'CANCELED'
),

-- A payment belongs to the day of its sale; without a sale, to its own.
paid as (
    select
        p.square_order_id as order_id,
        p.square_payment_id as payment_id,
        p.square_location_id as location_id,
        p.currency_code,
        p.amount_minor,
        s.order_id is not null as has_sale,
        coalesce(s.created_at, p.created_at) as happened_at
    from staging.stg_square__payments as p
    left join sales as s on p.square_order_id = s.order_id
    where p.status = 'COMPLETED'
),

paid_orders as (
    select distinct order_id from paid
),

both_sides as (
    select
        s.location_id,
        s.created_at as happened_at,
        s.currency_code,
        s.order_id as sale_id,
        null as paid_id,
        s.total_minor as money,
        0 as paid_money,
        if(p.order_id is null, s.order_id, null) as lonely
    from sales as s
    left join paid_orders as p on s.order_id = p.order_id
    union all
    select
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
        coalesce(s.store_id, 'location ' || b.location_id) as place,
        b.*,
        {{ local_date("b.happened_at", "coalesce(s.time_zone, 'UTC')") }} as day
    from both_sides as b
    left join marts.dim_stores as s on b.location_id = s.till_location_id
    where b.happened_at <= (select until from horizon)
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
