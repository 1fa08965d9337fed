with

refunds as (
    select * from {{ ref('refunds') }}
    where refund_status <> 'failed'
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

joined as (
    select
        refunds.*,
        concat(refunds.connection, ':', refunds.refund_id) as refund_key,
        orders.order_id,
        orders.order_date,
        orders.minor_rate as order_rate,
        coalesce(orders.order_channel, case when refunds.location_kind = 'till' then 'till' else 'web' end)
            as order_channel,
        coalesce(orders.order_status in ('placed', 'open', 'cancelled'), true) as is_of_sale,
        locations.store_id as returned_store_id,
        orders.store_id as order_store_id,
        coalesce(stores.time_zone, '{{ var("reporting_time_zone") }}') as time_zone,
        -- Tips and gift cards were no revenue when they were taken.
        refunds.refunded_minor - refunds.tip_minor - refunds.gift_card_minor as revenue_minor
    from refunds
    left join orders
        on
            refunds.connection = orders.connection
            and refunds.source_order_id = orders.source_order_id
    left join locations
        on {{ at_location('refunds', 'refunds.refunded_at') }}
    left join stores
        on locations.store_id = stores.store_id
),

dated as (
    select
        *,
        {{ local_date('refunded_at', 'time_zone') }} as refund_date
    from joined
),

converted as (
    select
        dated.refund_key,
        dated.connection,
        dated.source_system,
        dated.refund_id,
        dated.source_order_id,
        dated.order_id,
        dated.order_channel,
        dated.returned_store_id,
        -- What nobody has the receipt of counts where and when it came back.
        coalesce(dated.order_store_id, case when dated.order_id is null then dated.returned_store_id end) as store_id,
        coalesce(dated.order_date, dated.refund_date) as order_date,
        dated.refunded_at,
        dated.refund_date,
        dated.time_zone,
        dated.currency_code,
        dated.refunded_minor,
        dated.goods_minor,
        dated.shipping_minor,
        dated.tax_minor,
        dated.tip_minor,
        dated.service_minor,
        dated.gift_card_minor,
        dated.revenue_minor,
        -- At the rate of the sale that it takes back, or what the rate moved since would be revenue.
        case
            when dated.revenue_minor = 0 then 0
            when dated.book_currency_code = '{{ var("reporting_currency") }}' and dated.revenue_minor = dated.refunded_minor
                then dated.book_refunded_minor
            when dated.book_currency_code = '{{ var("reporting_currency") }}'
                then cast({{ divide_rounded('dated.book_refunded_minor', 'dated.revenue_minor', 'dated.refunded_minor') }} as bigint)
            else {{ to_reporting_minor('dated.revenue_minor', 'coalesce(dated.order_rate, rates.minor_rate)') }}
        end as revenue_reporting_minor,
        coalesce(dated.order_rate, rates.minor_rate) as minor_rate,
        dated.is_of_sale
    from dated
    left join rates
        on
            dated.currency_code = rates.currency_code
            and dated.refund_date >= rates.valid_from
            and dated.refund_date < coalesce(rates.valid_before, date '9999-12-31')
)

select
    *,
    case
        when goods_minor = 0 then 0
        when revenue_minor > 0
            then cast({{ divide_rounded('goods_minor', 'revenue_reporting_minor', 'revenue_minor') }} as bigint)
        else {{ to_reporting_minor('goods_minor', 'minor_rate') }}
    end as goods_reporting_minor
from converted
