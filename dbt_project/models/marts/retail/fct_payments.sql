with

payments as (
    select * from {{ ref('payments') }}
),

orders as (
    select * from {{ ref('int_orders__priced') }}
),

locations as (
    select * from {{ ref('int_stores__locations') }}
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

rates as (
    select * from {{ ref('int_currencies__rates') }}
),

located as (
    select
        payments.*,
        orders.order_id,
        orders.order_channel,
        {%- for name in ['minor_rate', 'sold_minor', 'sold_reporting_minor'] %}
        case when payments.currency_code = orders.currency_code then orders.{{ name }} end as order_{{ name }},
        {%- endfor %}
        coalesce(locations.store_id, orders.store_id) as store_id,
        coalesce(stores.time_zone, '{{ var("reporting_time_zone") }}') as time_zone
    from payments
    left join orders
        on
            payments.connection = orders.connection
            and payments.source_order_id = orders.source_order_id
    left join locations
        on {{ at_location('payments', 'payments.paid_at') }}
    left join stores
        on locations.store_id = stores.store_id
),

dated as (
    select
        *,
        {{ local_date('paid_at', 'time_zone') }} as paid_date
    from located
),

rated as (
    select
        dated.*,
        coalesce(dated.order_minor_rate, rates.minor_rate) as minor_rate
    from dated
    left join rates
        on
            dated.currency_code = rates.currency_code
            and dated.paid_date >= rates.valid_from
            and dated.paid_date < coalesce(rates.valid_before, date '9999-12-31')
),

-- At the rate of the sale, so that what is paid of it comes to what it does.
converted as (
    select
        *,
        {{ at_rate_of('amount_minor', 'order_sold_minor', 'order_sold_reporting_minor', 'minor_rate') }}
            as amount_reporting_minor,
        {{ at_rate_of('tip_minor', 'order_sold_minor', 'order_sold_reporting_minor', 'minor_rate') }}
            as tip_reporting_minor
    from rated
)

select
    concat(connection, ':', payment_id) as payment_id,
    connection,
    source_system,
    order_id,
    order_channel,
    store_id,
    paid_at,
    paid_date,
    time_zone,
    tender,
    payment_status,
    payment_status = 'paid' as is_paid,
    currency_code,
    amount_minor,
    tip_minor,
    amount_reporting_minor,
    tip_reporting_minor,
    {{ reporting_amount('amount_reporting_minor') }} as payment_amount,
    {{ reporting_amount('tip_reporting_minor') }} as tip_amount
from converted
