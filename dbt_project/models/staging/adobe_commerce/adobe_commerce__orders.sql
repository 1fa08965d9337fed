{{ config(materialized='table') }}

with

orders as (
    select * from {{ staged('stg_adobe_commerce__orders') }}
),

-- What a cancellation left of each line, by size. An order that was cancelled whole tells what it would have been.
lines as (
    select
        lines.*,
        case
            when lines.quantity > 0 and orders.order_state <> 'canceled' then lines.quantity - lines.cancelled_quantity
            else lines.quantity
        end as kept_quantity
    from {{ ref('stg_adobe_commerce__order_lines') }} as lines
    inner join orders
        on
            lines.connection = orders.connection
            and lines.adobe_commerce_order_id = orders.adobe_commerce_order_id
),

kept as (
    select
        *,
        product_type = 'giftcard' as is_gift_card,
        {{ part_of('listed_minor', 'kept_quantity', 'quantity') }} as kept_listed_minor,
        {{ part_of('discount_minor', 'kept_quantity', 'quantity') }} as kept_discount_minor,
        {{ part_of('base_listed_minor', 'kept_quantity', 'quantity') }} as kept_base_listed_minor,
        {{ part_of('base_discount_minor', 'kept_quantity', 'quantity') }} as kept_base_discount_minor
    from lines
),

counted as (
    select
        connection,
        adobe_commerce_order_id,
        sum(case when is_gift_card then 0 else quantity end) as item_count,
        sum(shipped_quantity) as shipped_quantity,
        sum(case when is_gift_card then kept_listed_minor else 0 end) as gift_card_listed_minor,
        sum(case when is_gift_card then kept_discount_minor else 0 end) as gift_card_discount_minor,
        sum(case when is_gift_card then kept_base_listed_minor else 0 end) as base_gift_card_listed_minor,
        sum(case when is_gift_card then kept_base_discount_minor else 0 end) as base_gift_card_discount_minor
    from kept
    group by connection, adobe_commerce_order_id
),

refunds as (
    select
        connection,
        adobe_commerce_order_id,
        max(created_at) as refunded_at
    from {{ staged('stg_adobe_commerce__creditmemos') }}
    group by connection, adobe_commerce_order_id
),

sources as (
    select * from {{ staged('stg_adobe_commerce__sources') }}
),

joined as (
    select
        orders.*,
        coalesce(counted.item_count, 0) as item_count,
        coalesce(counted.gift_card_listed_minor, 0) as gift_card_listed_minor,
        coalesce(counted.gift_card_discount_minor, 0) as gift_card_discount_minor,
        coalesce(counted.base_gift_card_listed_minor, 0) as base_gift_card_listed_minor,
        coalesce(counted.base_gift_card_discount_minor, 0) as base_gift_card_discount_minor,
        case when orders.order_state = 'canceled' then 0 else 1 end as has_cut,
        -- What was paid with the shop's own means is no less paid.
        orders.total_minor + orders.paid_by_gift_card_minor + orders.paid_by_balance_minor
        + orders.paid_by_points_minor as whole_minor,
        orders.base_total_minor + orders.base_paid_by_gift_card_minor + orders.base_paid_by_balance_minor
        + orders.base_paid_by_points_minor as base_whole_minor,
        -- Who is given all money back before anything left has cancelled: an order that is paid cannot be.
        orders.order_state = 'closed'
        and not orders.is_virtual
        and coalesce(counted.shipped_quantity, 0) = 0
        and orders.refunded_minor >= orders.total_minor - orders.cancelled_total_minor as is_taken_back,
        refunds.refunded_at
    from orders
    left join counted
        on
            orders.connection = counted.connection
            and orders.adobe_commerce_order_id = counted.adobe_commerce_order_id
    left join refunds
        on
            orders.connection = refunds.connection
            and orders.adobe_commerce_order_id = refunds.adobe_commerce_order_id
),

parted as (
    select
        *,
        whole_minor - cancelled_total_minor * has_cut as charged_minor,
        base_whole_minor - base_cancelled_total_minor * has_cut as base_charged_minor,
        coalesce(
            subtotal_minor,
            whole_minor - discount_minor - compensation_minor - shipping_minor - shipping_compensation_minor - tax_minor
        ) - cancelled_subtotal_minor * has_cut - gift_card_listed_minor as goods_minor,
        -- Discounts are below zero, and are of the price with tax where prices include it: the compensation is the tax
        -- in them.
        -discount_minor - shipping_discount_minor - compensation_minor - cancelled_discount_minor * has_cut
        - gift_card_discount_minor as told_discount_minor,
        shipping_minor - shipping_discount_minor + shipping_compensation_minor
        - cancelled_shipping_minor * has_cut as charged_shipping_minor,
        tax_minor - cancelled_tax_minor * has_cut as charged_tax_minor,
        gift_card_listed_minor - gift_card_discount_minor as gift_card_minor,
        base_gift_card_listed_minor - base_gift_card_discount_minor as base_gift_card_minor
    from joined
),

-- What the parts do not tell of the total: fees, gift wrapping, what extensions add; what they take off is a discount.
rested as (
    select
        *,
        charged_minor - gift_card_minor - goods_minor + told_discount_minor - charged_shipping_minor - charged_tax_minor
            as rest_minor
    from parted
)

select
    concat(rested.connection, ':', rested.adobe_commerce_order_id) as order_id,
    rested.connection,
    'adobe_commerce' as source_system,
    rested._load_id,
    rested.adobe_commerce_order_id as source_order_id,
    -- An order that was edited is cancelled, and made anew under a name of its own: the first one is known outside.
    case
        when rested.replaced_by_order_id is null then coalesce(rested.original_order_name, rested.order_name)
    end as order_name,
    'web' as sales_channel,
    case
        when rested.pickup_location_code is not null or rested.shipping_method = 'instore_pickup' then 'pick_up'
        else 'ship'
    end as fulfilment,
    case
        when rested.is_deleted then 'deleted'
        when rested.order_state = 'canceled' then 'void'
        when rested.is_taken_back then 'cancelled'
        -- The customer was sent to pay and has not come back.
        when rested.order_state = 'pending_payment' then 'open'
        else 'placed'
    end as order_status,
    case
        when rested.order_state = 'canceled' then rested.last_changed_at
        when rested.is_taken_back then coalesce(rested.refunded_at, rested.updated_at)
    end as cancelled_at,
    'web_shop' as location_kind,
    {{ as_text('null') }} as location_id,
    rested.pickup_location_code as pickup_location_id,
    coalesce(
        case when rested.pickup_location_code is not null then sources.region_code end, rested.region_code
    ) as region_code,
    rested.created_at as ordered_at,
    rested.currency_code,
    cast(rested.goods_minor as bigint) as goods_minor,
    cast(rested.told_discount_minor + greatest(-rested.rest_minor, 0) as bigint) as discount_minor,
    cast(rested.charged_shipping_minor as bigint) as shipping_minor,
    cast(rested.charged_tax_minor as bigint) as tax_minor,
    cast(0 as bigint) as tip_minor,
    cast(greatest(rested.rest_minor, 0) as bigint) as service_minor,
    cast(rested.charged_minor - rested.gift_card_minor as bigint) as total_minor,
    cast(rested.gift_card_minor as bigint) as gift_card_minor,
    -- What a cancellation took off is still told as due.
    cast(
        case
            when rested.order_state in ('canceled', 'closed', 'complete') then 0
            else greatest(rested.due_minor - rested.cancelled_total_minor, 0)
        end as bigint
    ) as due_minor,
    cast(null as boolean) as has_taxes_included,
    rested.base_currency_code as book_currency_code,
    cast(rested.base_charged_minor - rested.base_gift_card_minor as bigint) as book_total_minor,
    cast(round(rested.item_count) as bigint) as item_count,
    rested.coupon_code,
    {{ as_text('null') }} as device_id,
    {{ as_text('null') }} as staff_id,
    -- A shop that stores the browser's id does so only where analytics may know it; others say nothing.
    case when rested.browser_id is not null then true end as has_analytics_consent
from rested
left join sources
    on
        rested.connection = sources.connection
        and rested.pickup_location_code = sources.adobe_commerce_source_code
