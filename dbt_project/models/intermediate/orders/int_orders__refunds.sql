with

told as (
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

-- Of an order of gift cards alone nothing else can come back, whatever the source tells.
refunds as (
    select
        told.connection,
        told.source_system,
        told.refund_id,
        told.source_order_id,
        told.location_kind,
        told.location_id,
        told.refunded_at,
        told.currency_code,
        told.refunded_minor,
        {%- for part in ['goods', 'shipping', 'tax', 'service'] %}
        case when orders.gift_card_minor > 0 and orders.sold_minor = 0 then 0 else told.{{ part }}_minor end
            as {{ part }}_minor,
        {%- endfor %}
        told.tip_minor,
        case
            when orders.gift_card_minor > 0 and orders.sold_minor = 0 then told.refunded_minor - told.tip_minor
            else told.gift_card_minor
        end as gift_card_minor,
        told.book_currency_code,
        told.book_refunded_minor,
        orders.order_id,
        orders.order_date,
        orders.minor_rate as order_rate,
        orders.store_id as order_store_id,
        coalesce(orders.order_channel, case when told.location_kind = 'till' then 'till' else 'web' end)
            as order_channel,
        coalesce(orders.is_sale or orders.order_status = 'cancelled' or orders.gift_card_minor > 0, true)
            as is_of_sale
    from told
    left join orders
        on
            told.connection = orders.connection
            and told.source_order_id = orders.source_order_id
),

joined as (
    select
        refunds.*,
        concat(refunds.connection, ':', refunds.refund_id) as refund_key,
        locations.store_id as returned_store_id,
        coalesce(stores.time_zone, '{{ var("reporting_time_zone") }}') as time_zone,
        -- Tips and gift cards were no revenue when they were taken.
        refunds.refunded_minor - refunds.tip_minor - refunds.gift_card_minor as revenue_minor
    from refunds
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
        {{ booked_or_rated(
            'dated.revenue_minor', 'dated.refunded_minor', 'dated.book_currency_code', 'dated.book_refunded_minor',
            'coalesce(dated.order_rate, rates.minor_rate)',
        ) }} as revenue_reporting_minor,
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
    {{ at_rate_of('goods_minor', 'revenue_minor', 'revenue_reporting_minor', 'minor_rate') }}
        as goods_reporting_minor
from converted
