{{ config(materialized='table') }}

with

orders as (
    select * from {{ staged('stg_adobe_commerce__orders') }}
),

lines as (
    select
        *,
        -- What a cancellation took off, by size.
        case when quantity > 0 then quantity - cancelled_quantity else quantity end as kept_quantity
    from {{ ref('stg_adobe_commerce__order_lines') }}
),

kept as (
    select
        *,
        {%- for name in ['listed', 'discount', 'base_listed', 'base_discount'] %}
        case
            when quantity > 0 and cancelled_quantity > 0
                then cast(round({{ name }}_minor * kept_quantity / quantity) as bigint)
            else {{ name }}_minor
        end as kept_{{ name }}_minor{{ ',' if not loop.last }}
        {%- endfor %}
    from lines
),

counted as (
    select
        connection,
        adobe_commerce_order_id,
        sum(case when product_type = 'giftcard' then 0 else quantity end) as item_count,
        sum(shipped_quantity) as shipped_quantity,
        {%- for side in ('', 'base_') %}
        {%- for kind in ('', 'kept_') %}
        sum(case when product_type = 'giftcard' then {{ kind }}{{ side }}listed_minor else 0 end)
            as {{ kind }}{{ side }}gift_card_listed_minor,
        sum(case when product_type = 'giftcard' then {{ kind }}{{ side }}discount_minor else 0 end)
            as {{ kind }}{{ side }}gift_card_discount_minor{{ ',' if not loop.last }}
        {%- endfor %}{{ ',' if not loop.last }}
        {%- endfor %}
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
        {%- for side in ('', 'base_') %}
        coalesce(
            case when orders.order_state = 'canceled' then counted.{{ side }}gift_card_listed_minor
                else counted.kept_{{ side }}gift_card_listed_minor end,
            0
        ) as {{ side }}gift_card_listed_minor,
        coalesce(
            case when orders.order_state = 'canceled' then counted.{{ side }}gift_card_discount_minor
                else counted.kept_{{ side }}gift_card_discount_minor end,
            0
        ) as {{ side }}gift_card_discount_minor,
        {%- endfor %}
        -- Of an order that was cancelled nothing is taken off: it tells what it would have been.
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
        subtotal_minor - cancelled_subtotal_minor * has_cut - gift_card_listed_minor as goods_minor,
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
    cast(rested.item_count as bigint) as item_count,
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
