with

bookings as (
    select * from {{ ref('fct_bookings') }}
),

summed as (
    select
        cast(date_trunc('month', booked_date) as date) as booked_month,
        store_id,
        booking_kind,
        count(*) as booking_count,
        sum(case when inquiry_count > 0 then 1 else 0 end) as inquired_count,
        {%- for status in ['cancelled', 'booked', 'no_show', 'showed', 'unknown'] %}
        sum(case when booking_status = '{{ status }}' then 1 else 0 end) as {{ status }}_count,
        {%- endfor %}
        sum(case when order_count > 0 then 1 else 0 end) as bought_count,
        sum(order_count) as order_count,
        sum(revenue_reporting_minor) as revenue_reporting_minor
    from bookings
    where booked_date is not null
    group by cast(date_trunc('month', booked_date) as date), store_id, booking_kind
)

select
    {{ hash_key(['booked_month', 'store_id', 'booking_kind']) }} as booking_funnel_id,
    booked_month,
    store_id,
    booking_kind,
    cast(inquired_count as bigint) as inquired_count,
    booking_count,
    cast(cancelled_count as bigint) as cancelled_count,
    cast(booked_count as bigint) as ahead_count,
    cast(no_show_count as bigint) as no_show_count,
    cast(showed_count as bigint) as showed_count,
    cast(unknown_count as bigint) as unknown_count,
    cast(bought_count as bigint) as bought_count,
    cast(order_count as bigint) as order_count,
    {{ reporting_amount('revenue_reporting_minor') }} as revenue_amount,
    case
        when no_show_count + showed_count + unknown_count > 0
            then
                {{ exact_ratio(
                    'no_show_count', '(no_show_count + showed_count + unknown_count)', 6, precision=9
                ) }}
    end as no_show_rate
from summed
