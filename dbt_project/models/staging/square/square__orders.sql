{{ config(materialized='table') }}

with

orders as (
    select * from {{ staged('stg_square__orders') }}
),

lines as (
    select
        connection,
        source_order_id as square_order_id,
        -- Quantities are decimal: 0.5 of what is sold by weight.
        cast(sum(case when line_kind = 'gift_card' then 0 else cast(round(quantity) as bigint) end) as bigint)
            as item_count,
        cast(
            sum(case when line_kind = 'gift_card' then goods_minor - discount_minor + tax_minor else 0 end) as bigint
        ) as gift_card_minor,
        cast(sum(case when line_kind = 'gift_card' then discount_minor else 0 end) as bigint)
            as gift_card_discount_minor
    from {{ ref('square__order_lines') }}
    group by connection, source_order_id
),

ways as (
    select
        connection,
        square_order_id,
        {{ explode('fulfillments') }} as fulfillment
    from orders
),

way as (
    select
        connection,
        square_order_id,
        count_if(fulfillment.type in ('SHIPMENT', 'DELIVERY')) > 0 as is_shipped,
        count_if(fulfillment.type = 'PICKUP') > 0 as is_picked_up
    from ways
    where coalesce(fulfillment.state, '') not in ('CANCELED', 'FAILED')
    group by connection, square_order_id
),

-- Who took an order, and on what, its payments tell.
takers as (
    select
        connection,
        square_order_id,
        min(square_device_id) as square_device_id,
        min(square_team_member_id) as square_team_member_id
    from {{ staged('stg_square__payments') }}
    group by connection, square_order_id
),

-- An order that only takes something back is no sale.
sales as (
    select
        orders.*,
        -- What was taken off a gift card is in what it cost.
        orders.discount_minor - coalesce(lines.gift_card_discount_minor, 0) as goods_discount_minor,
        coalesce(lines.item_count, 0) as item_count,
        coalesce(lines.gift_card_minor, 0) as gift_card_minor,
        takers.square_device_id,
        takers.square_team_member_id,
        coalesce(way.is_shipped, false) as is_shipped,
        coalesce(way.is_picked_up, false) as is_picked_up,
        coalesce(way.is_shipped, false) or coalesce(lower(orders.source_name) like '%online%', false) as is_web,
        orders.total_minor - orders.tax_minor - orders.tip_minor - orders.service_charge_minor
        - coalesce(lines.gift_card_minor, 0) as discounted_goods_minor
    from orders
    left join lines
        on
            orders.connection = lines.connection
            and orders.square_order_id = lines.square_order_id
    left join way
        on
            orders.connection = way.connection
            and orders.square_order_id = way.square_order_id
    left join takers
        on
            orders.connection = takers.connection
            and orders.square_order_id = takers.square_order_id
    where lines.square_order_id is not null or not orders.has_returns
),

netted as (
    select
        *,
        case
            when has_taxes_included
                then {{ without_tax(
                    'goods_discount_minor', '(tax_minor - service_charge_tax_minor)',
                    '(discounted_goods_minor + tax_minor - service_charge_tax_minor)'
                ) }}
            else goods_discount_minor
        end as net_discount_minor
    from sales
)

select
    concat(connection, ':', square_order_id) as order_id,
    connection,
    'square' as source_system,
    _load_id,
    square_order_id as source_order_id,
    {{ as_text('null') }} as order_name,
    case when is_web then 'web' else 'till' end as sales_channel,
    case
        when is_shipped then 'ship'
        when is_picked_up then 'pick_up'
        when is_web then 'ship'
        else 'carried_out'
    end as fulfilment,
    case order_state
        when 'DRAFT' then 'draft'
        when 'OPEN' then 'open'
        -- Given up before it was paid.
        when 'CANCELED' then 'void'
        else 'placed'
    end as order_status,
    cast(null as timestamp) as cancelled_at,
    'till' as location_kind,
    case when not is_web then square_location_id end as location_id,
    case when is_web and is_picked_up and not is_shipped then square_location_id end as pickup_location_id,
    {{ as_text('null') }} as region_code,
    created_at as ordered_at,
    currency_code,
    discounted_goods_minor + net_discount_minor as goods_minor,
    net_discount_minor as discount_minor,
    cast(0 as bigint) as shipping_minor,
    tax_minor,
    tip_minor,
    service_charge_minor as service_minor,
    total_minor - gift_card_minor as total_minor,
    gift_card_minor,
    due_minor,
    has_taxes_included,
    {{ as_text('null') }} as book_currency_code,
    cast(null as bigint) as book_total_minor,
    item_count,
    coupon_code,
    square_device_id as device_id,
    square_team_member_id as staff_id,
    -- Nobody is tracked at a till: who is known there said so.
    true as has_analytics_consent
from netted
