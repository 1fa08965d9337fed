{%- set parts = ['goods', 'discount', 'shipping', 'tax', 'service'] %}

with

orders as (
    select * from {{ ref('int_orders__priced') }}
    where order_status in ('placed', 'open', 'cancelled')
),

refunds as (
    select * from {{ ref('int_orders__refunds') }}
    where is_of_sale
),

given_back as (
    select
        order_id,
        {%- for part in parts if part != 'discount' %}
        sum({{ part }}_minor) as {{ part }}_minor,
        {%- endfor %}
        sum(tip_minor) as tip_minor,
        sum(gift_card_minor) as gift_card_minor,
        sum(revenue_minor) as revenue_minor,
        sum(revenue_reporting_minor) as revenue_reporting_minor,
        sum(goods_reporting_minor) as goods_reporting_minor
    from refunds
    where order_id is not null
    group by order_id
),

sales as (
    select
        concat(order_id, ':sale') as entry_id,
        'sale' as entry_kind,
        order_id,
        {{ as_text('null') }} as refund_key,
        connection,
        source_system,
        order_channel,
        store_id,
        store_id as booked_store_id,
        order_date,
        ordered_at as booked_at,
        order_date as booked_date,
        currency_code,
        {%- for part in parts + ['tip', 'gift_card'] %}
        {{ part }}_minor,
        {%- endfor %}
        net_sales_minor,
        sold_minor as revenue_minor,
        sold_reporting_minor as revenue_reporting_minor,
        net_sales_reporting_minor
    from orders
    -- In a currency that nobody knows there is what the shop booked, if anything.
    where coalesce(
        sold_minor <> 0 or (order_status <> 'open' and (goods_minor <> 0 or gift_card_minor <> 0)),
        sold_reporting_minor is not null
    )
),

refunded as (
    select
        refund_key as entry_id,
        'refund' as entry_kind,
        order_id,
        refund_key,
        connection,
        source_system,
        order_channel,
        store_id,
        coalesce(returned_store_id, store_id) as booked_store_id,
        order_date,
        refunded_at as booked_at,
        refund_date as booked_date,
        currency_code,
        {%- for part in parts + ['tip', 'gift_card'] %}
        {{ '-' ~ part ~ '_minor' if part != 'discount' else 'cast(0 as bigint)' }} as {{ part }}_minor,
        {%- endfor %}
        -goods_minor as net_sales_minor,
        -revenue_minor as revenue_minor,
        -revenue_reporting_minor as revenue_reporting_minor,
        -goods_reporting_minor as net_sales_reporting_minor
    from refunds
),

-- A cancellation takes back what no refund did.
cancelled as (
    select
        concat(orders.order_id, ':cancellation') as entry_id,
        'cancellation' as entry_kind,
        orders.order_id,
        {{ as_text('null') }} as refund_key,
        orders.connection,
        orders.source_system,
        orders.order_channel,
        orders.store_id,
        orders.store_id as booked_store_id,
        orders.order_date,
        coalesce(orders.cancelled_at, orders.ordered_at) as booked_at,
        {{ local_date('coalesce(orders.cancelled_at, orders.ordered_at)', 'orders.time_zone') }} as booked_date,
        orders.currency_code,
        {%- for part in parts + ['tip', 'gift_card'] %}
        cast(
            -orders.{{ part }}_minor
            {{ '+ coalesce(given_back.' ~ part ~ '_minor, 0)' if part != 'discount' }} as bigint
        ) as {{ part }}_minor,
        {%- endfor %}
        cast(-orders.net_sales_minor + coalesce(given_back.goods_minor, 0) as bigint) as net_sales_minor,
        cast(-orders.sold_minor + coalesce(given_back.revenue_minor, 0) as bigint) as revenue_minor,
        cast(-orders.sold_reporting_minor + coalesce(given_back.revenue_reporting_minor, 0) as bigint)
            as revenue_reporting_minor,
        cast(-orders.net_sales_reporting_minor + coalesce(given_back.goods_reporting_minor, 0) as bigint)
            as net_sales_reporting_minor
    from orders
    left join given_back
        on orders.order_id = given_back.order_id
    where orders.order_status = 'cancelled'
)

select * from sales
union all
select * from refunded
union all
select * from cancelled
where
    revenue_minor <> 0
    or net_sales_minor <> 0
    {%- for part in parts + ['tip', 'gift_card'] %}
    or {{ part }}_minor <> 0
    {%- endfor %}
