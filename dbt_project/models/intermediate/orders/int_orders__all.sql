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

persons as (
    select * from {{ ref('int_identity__persons') }}
),

located as (
    select
        orders.*,
        coalesce(
            locations.store_id,
            -- A till that no list of locations names sells, too.
            case when orders.sales_channel = 'till' then concat(orders.connection, ':', orders.location_id) end
        ) as store_id,
        case
            when orders.fulfilment = 'pick_up' then 'bopis'
            else orders.sales_channel
        end as order_channel,
        coalesce(orders.region_code, stores.region_code) as order_region_code,
        -- A till's clock is its shop's; what was ordered on the web, no shop's clock saw.
        case
            when orders.sales_channel = 'till'
                then coalesce(stores.time_zone, '{{ var("reporting_time_zone") }}')
            else '{{ var("reporting_time_zone") }}'
        end as time_zone
    from orders
    left join locations
        on
            {{ at_location('orders', 'orders.ordered_at') }}
    left join stores
        on locations.store_id = stores.store_id
),

dated as (
    select
        *,
        {{ local_date('ordered_at', 'time_zone') }} as order_date
    from located
),

joined as (
    select
        orders.*,
        -- Who books in our currency, at a rate of its own, is taken at its word.
        case
            when orders.book_currency_code = '{{ var("reporting_currency") }}' then orders.book_total_minor
            else {{ to_reporting_minor('orders.total_minor', 'rates.minor_rate') }}
        end as total_reporting_minor,
        case
            when orders.book_currency_code = '{{ var("reporting_currency") }}' then orders.book_refunded_minor
            else {{ to_reporting_minor('orders.refunded_minor', 'rates.minor_rate') }}
        end as refunded_reporting_minor,
        persons.customer_id
    from dated as orders
    left join rates
        on
            orders.currency_code = rates.currency_code
            and orders.order_date >= rates.valid_from
            and orders.order_date < coalesce(rates.valid_before, date '9999-12-31')
    left join persons
        on {{ record_key('order', 'orders.source_order_id', 'orders.connection') }} = persons.record_key
),

derived as (
    select
        order_id,
        order_channel,
        connection,
        source_system,
        {{ record_key('order', 'source_order_id') }} as record_key,
        source_order_id,
        order_name,
        store_id,
        order_region_code as region_code,
        ordered_at,
        time_zone,
        currency_code,
        subtotal_minor,
        discount_minor,
        shipping_minor,
        tax_minor,
        total_minor,
        refunded_minor,
        total_reporting_minor,
        refunded_reporting_minor,
        item_count,
        coupon_code,
        is_cancelled,
        has_analytics_consent,
        customer_id,
        order_date,
        total_minor - refunded_minor as net_minor,
        total_reporting_minor - refunded_reporting_minor as net_reporting_minor,
        coalesce(refunded_minor, refunded_reporting_minor, 0) > 0 as is_returned
    from joined
)

select * from derived
