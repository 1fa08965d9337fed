with

orders as (
    select * from {{ ref('orders') }}
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
        orders.*,
        sold.store_id as sold_store_id,
        picked_up.store_id as pickup_store_id,
        case
            when orders.sales_channel = 'web' and orders.fulfilment = 'pick_up' then 'bopis'
            else orders.sales_channel
        end as order_channel
    from orders
    left join locations as sold
        on {{ at_location('orders', 'orders.ordered_at', 'sold') }}
    left join locations as picked_up
        on {{ at_location('orders', 'orders.ordered_at', 'picked_up', 'pickup_location_id') }}
),

-- A till's clock is its shop's; what was ordered on the web, no shop's clock saw.
timed as (
    select
        located.*,
        coalesce(located.sold_store_id, located.pickup_store_id) as store_id,
        coalesce(located.region_code, stores.region_code) as order_region_code,
        case
            when located.sales_channel = 'till'
                then coalesce(stores.time_zone, '{{ var("reporting_time_zone") }}')
            else '{{ var("reporting_time_zone") }}'
        end as time_zone
    from located
    left join stores
        on coalesce(located.sold_store_id, located.pickup_store_id) = stores.store_id
),

dated as (
    select
        *,
        {{ local_date('ordered_at', 'time_zone') }} as order_date
    from timed
),

-- What the sale came to: staff's tips are not in it, and of a ticket that is open only what is paid.
valued as (
    select
        *,
        case
            when order_status in ('placed', 'cancelled') then total_minor - tip_minor
            when order_status = 'open' then greatest(total_minor - tip_minor - due_minor, 0)
            else 0
        end as sold_minor
    from dated
),

shared as (
    select
        *,
        case
            when order_status in ('placed', 'cancelled') then goods_minor - discount_minor
            when sold_minor = 0 then 0
            else cast({{ divide_rounded(
                '(goods_minor - discount_minor)', 'sold_minor', '(total_minor - tip_minor)'
            ) }} as bigint)
        end as net_sales_minor
    from valued
),

rated as (
    select
        shared.*,
        rates.minor_rate,
        -- A gift card alone is no sale, and neither is a ticket on which nothing was sold.
        coalesce(
            shared.order_status in ('placed', 'open')
            and (
                shared.sold_minor <> 0
                or (shared.order_status = 'placed' and (shared.goods_minor <> 0 or shared.item_count > 0))
            ),
            false
        ) as is_sale,
        {{ booked_or_rated(
            'shared.sold_minor', 'shared.total_minor', 'shared.book_currency_code', 'shared.book_total_minor',
            'rates.minor_rate',
        ) }} as sold_reporting_minor
    from shared
    left join rates
        on
            shared.currency_code = rates.currency_code
            and shared.order_date >= rates.valid_from
            and shared.order_date < coalesce(rates.valid_before, date '9999-12-31')
)

select
    *,
    {{ at_rate_of('net_sales_minor', 'sold_minor', 'sold_reporting_minor', 'minor_rate') }}
        as net_sales_reporting_minor,
    {{ at_rate_of('discount_minor', 'sold_minor', 'sold_reporting_minor', 'minor_rate') }}
        as discount_reporting_minor
from rated
