with

bookings as (
    select * from {{ ref('int_stores__all_bookings') }}
),

visits as (
    select * from {{ ref('int_stores__visits') }}
    where customer_id is not null
),

orders as (
    select * from {{ ref('int_orders__all') }}
    where is_sale and customer_id is not null
),

inquiries as (
    select
        booking_id,
        count(*) as inquiry_count,
        min(inquired_at) as inquired_at
    from {{ ref('fct_inquiries') }}
    where booking_id is not null
    group by booking_id
),

-- Of the customer's visits there, the nearest to the beginning; people come early and stay on.
seen as (
    select
        bookings.booking_id,
        visits.visit_id,
        row_number() over (
            partition by bookings.booking_id
            order by
                abs({{ seconds_between('bookings.starts_at', 'visits.arrived_at') }}),
                visits.visit_id
        ) as place
    from bookings
    inner join visits
        on
            bookings.customer_id = visits.customer_id
            and bookings.store_id = visits.store_id
            and {{ seconds_between('bookings.starts_at', 'visits.left_at') }} >= -3600
            and {{ seconds_between('coalesce(bookings.ends_at, bookings.starts_at)', 'visits.arrived_at') }} <= 3600
    where not bookings.is_cancelled
),

kept as (
    select * from bookings
    where not is_cancelled and not coalesce(is_no_show or not has_come, false)
),

-- A sale is the newest booking's that had begun: each counts once.
candidates as (
    select
        orders.order_id,
        orders.ordered_at,
        orders.order_channel,
        orders.sold_store_id,
        orders.order_date,
        orders.net_reporting_minor,
        kept.booking_id,
        kept.store_id,
        kept.starts_at,
        kept.time_zone,
        row_number() over (
            partition by orders.order_id order by kept.starts_at desc, kept.booking_id asc
        ) as place
    from orders
    inner join kept
        on
            orders.customer_id = kept.customer_id
            and orders.ordered_at >= kept.booked_at
            and {{ seconds_between('kept.starts_at', 'orders.ordered_at') }}
            between -3600 and {{ var('booking_sale_days') }} * 86400
),

bought as (
    select
        booking_id,
        count(*) as order_count,
        cast(sum(net_reporting_minor) as bigint) as revenue_reporting_minor,
        -- Who pays at the till of the place on its day was there.
        bool_or(
            sold_store_id = store_id and order_date = {{ local_date('starts_at', 'time_zone') }}
        ) as has_paid_there
    from candidates
    where place = 1
    group by booking_id
),

first_orders as (
    select
        booking_id,
        order_id,
        row_number() over (partition by booking_id order by ordered_at, order_id) as place
    from candidates
    where place = 1
),

joined as (
    select
        bookings.*,
        seen.visit_id as showed_visit_id,
        inquiries.inquired_at,
        coalesce(inquiries.inquiry_count, 0) as inquiry_count,
        first_orders.order_id as bought_order_id,
        coalesce(bought.order_count, 0) as order_count,
        case when bought.booking_id is null then 0 else bought.revenue_reporting_minor end
            as revenue_reporting_minor,
        case
            when bookings.is_cancelled then 'cancelled'
            when bookings.is_no_show or not bookings.has_come then 'no_show'
            when bookings.has_come or seen.visit_id is not null or bought.has_paid_there then 'showed'
            when not bookings.has_begun then 'booked'
            else 'unknown'
        end as booking_status,
        case
            when bookings.is_cancelled or bookings.is_no_show or not bookings.has_come then null
            when bookings.has_come then 'source'
            when seen.visit_id is not null then 'visit'
            when bought.has_paid_there then 'sale'
        end as showed_by
    from bookings
    left join seen
        on bookings.booking_id = seen.booking_id and seen.place = 1
    left join bought
        on bookings.booking_id = bought.booking_id
    left join first_orders
        on bookings.booking_id = first_orders.booking_id and first_orders.place = 1
    left join inquiries
        on bookings.booking_id = inquiries.booking_id
)

select
    booking_id,
    connection,
    source_system,
    booking_kind,
    booking_source,
    store_id,
    customer_id,
    inquired_at,
    inquiry_count,
    booked_at,
    {{ local_date('booked_at', 'time_zone') }} as booked_date,
    starts_at,
    {{ local_date('starts_at', 'time_zone') }} as starts_date,
    ends_at,
    {{ local_date('ends_at', 'time_zone') }} as ends_date,
    time_zone,
    {{ day_number(local_date('starts_at', 'time_zone')) }}
    - {{ day_number(local_date('booked_at', 'time_zone')) }} as lead_time_days,
    party_size,
    agreed_currency_code,
    agreed_minor,
    booking_status,
    showed_by,
    showed_visit_id,
    bought_order_id,
    order_count,
    revenue_reporting_minor,
    {{ reporting_amount('revenue_reporting_minor') }} as revenue_amount
from joined
