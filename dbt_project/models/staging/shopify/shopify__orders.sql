{{ config(materialized='table') }}

with

orders as (
    select * from {{ staged('stg_shopify__orders') }}
),

fulfillments as (
    select
        connection,
        shopify_order_id,
        {{ explode('fulfillment_orders') }} as fulfillment
    from orders
),

locations as (
    select * from {{ staged('stg_shopify__locations') }}
),

refunds as (
    select
        connection,
        shopify_order_id,
        sum(refunded_minor) as refunded_minor,
        sum(shop_refunded_minor) as shop_refunded_minor,
        sum(case when refunded_minor > 0 then goods_tax_minor + shipping_tax_minor else 0 end) as tax_minor
    from {{ ref('stg_shopify__order_refunds') }}
    group by connection, shopify_order_id
),

lines as (
    select
        connection,
        shopify_order_id,
        sum(case when is_gift_card then 0 else quantity end) as item_count,
        sum(case when is_gift_card then listed_minor - discount_minor else 0 end) as gift_card_minor,
        sum(case when is_gift_card then shop_listed_minor - shop_discount_minor else 0 end) as shop_gift_card_minor,
        sum(case when is_gift_card then discount_minor else 0 end) as gift_card_discount_minor,
        -- The discount of what an edit took off.
        sum(
            case
                when quantity > 0 and not is_gift_card
                    then cast({{ divide_rounded(
                        'discount_minor', '(quantity - current_quantity)', 'quantity'
                    ) }} as bigint)
                else 0
            end
        ) as removed_discount_minor,
        sum(case when is_gift_card then 0 else quantity - current_quantity end) as removed_count,
        -- Null where a line does not tell its tax.
        case
            when count(case when not is_gift_card then tax_minor end) = count_if(not is_gift_card)
                then sum(case when not is_gift_card then tax_minor end)
        end as goods_tax_minor
    from {{ ref('stg_shopify__order_lines') }}
    group by connection, shopify_order_id
),

-- A part that was cancelled, a pick-up that was shipped after all, says nothing unless all are. One pick-up
-- makes the whole order one: one row, whatever else is shipped with it.
ways as (
    select
        connection,
        shopify_order_id,
        fulfillment.status = 'CANCELLED' as is_off,
        count_if(fulfillment.deliveryMethod.methodType = 'PICK_UP') > 0 as has_pickup,
        min(
            case
                when fulfillment.deliveryMethod.methodType = 'PICK_UP'
                    then {{ gid_number('fulfillment.assignedLocation.location.id') }}
            end
        ) as shopify_location_id,
        count_if(fulfillment.deliveryMethod.methodType in ('SHIPPING', 'LOCAL')) > 0 as has_shipping
    from fulfillments
    group by connection, shopify_order_id, fulfillment.status = 'CANCELLED'
),

way as (
    select * from (
        select
            *,
            row_number() over (partition by connection, shopify_order_id order by coalesce(is_off, false)) as place
        from ways
    ) as ranked
    where place = 1
),

joined as (
    select
        orders.*,
        coalesce(way.has_pickup, false) as has_pickup,
        coalesce(way.has_shipping, false) as has_shipping,
        case when way.has_pickup then way.shopify_location_id end as pickup_location_id,
        coalesce(orders.source_name = 'pos', false) or orders.retail_location_id is not null as is_till,
        coalesce(lines.item_count, 0) as item_count,
        coalesce(lines.gift_card_minor, 0) as gift_card_minor,
        coalesce(lines.shop_gift_card_minor, 0) as shop_gift_card_minor,
        coalesce(lines.gift_card_discount_minor, 0) as gift_card_discount_minor,
        coalesce(lines.removed_discount_minor, 0) as line_discount_minor,
        -- What came back is off the lines, too: they tell of edits only where nothing did.
        orders.cancelled_at is null
        and coalesce(refunds.refunded_minor, 0) = 0
        and coalesce(lines.removed_count, 0) > 0 as is_edit_told,
        lines.goods_tax_minor as told_goods_tax_minor,
        coalesce(refunds.refunded_minor, 0) as refunded_minor,
        coalesce(refunds.shop_refunded_minor, 0) as shop_refunded_minor,
        coalesce(refunds.tax_minor, 0) as refunded_tax_minor,
        case when orders.has_taxes_included then 0 else orders.tax_minor end as added_tax_minor,
        -- Shipping after what was taken off it. The list price, which does not tell that, stands where no line does.
        case
            when orders.shipping_line_count > 0 then orders.shipping_minor
            when orders.listed_shipping_minor = 0 then 0
            else greatest(
                orders.total_minor - orders.discounted_subtotal_minor - orders.tip_minor - orders.fee_minor
                - case when orders.has_taxes_included then 0 else orders.tax_minor end,
                0
            )
        end as charged_shipping_minor
    from orders
    left join lines
        on
            orders.connection = lines.connection
            and orders.shopify_order_id = lines.shopify_order_id
    left join refunds
        on
            orders.connection = refunds.connection
            and orders.shopify_order_id = refunds.shopify_order_id
    left join way
        on
            orders.connection = way.connection
            and orders.shopify_order_id = way.shopify_order_id
),

-- What is left of the order, and what was given back, is what it came to. The rest an edit took off, or put on; of
-- an order that was cancelled nothing is left.
edited as (
    select
        *,
        {%- for side in ('', 'shop_') %}
        case
            when {{ side }}current_total_minor is null or cancelled_at is not null then 0
            when {{ side }}current_total_minor >= {{ side }}total_minor
                then {{ side }}current_total_minor - {{ side }}total_minor
            else least({{ side }}current_total_minor + {{ side }}refunded_minor - {{ side }}total_minor, 0)
        end as {{ side }}edited_minor,
        {%- endfor %}
        coalesce(current_tax_minor + refunded_tax_minor - tax_minor, 0) as edited_tax_minor,
        greatest(
            discount_minor - gift_card_discount_minor
            - case when is_edit_told then line_discount_minor else 0 end - case
                when shipping_line_count > 0 then undiscounted_shipping_minor - shipping_minor
                else greatest(listed_shipping_minor - charged_shipping_minor, 0)
            end,
            0
        ) as goods_discount_minor,
        total_minor - gift_card_minor - charged_shipping_minor - tip_minor - fee_minor - added_tax_minor
            as discounted_goods_minor
    from joined
),

-- Where prices include tax, which part of it is of the goods; without the lines' word, by size.
taxed as (
    select
        *,
        greatest(least(edited_tax_minor, greatest(edited_minor, 0)), least(edited_minor, 0)) as tax_edit_minor,
        case
            when not has_taxes_included then 0
            when told_goods_tax_minor is not null then told_goods_tax_minor
            when discounted_goods_minor + charged_shipping_minor > 0
                then cast({{ divide_rounded(
                    'tax_minor', 'discounted_goods_minor', 'discounted_goods_minor + charged_shipping_minor'
                ) }} as bigint)
            else tax_minor
        end as goods_tax_minor
    from edited
),

netted as (
    select
        *,
        discounted_goods_minor - goods_tax_minor as first_goods_minor,
        edited_minor - tax_edit_minor as goods_edit_minor,
        {{ without_tax('goods_discount_minor', 'goods_tax_minor', 'discounted_goods_minor') }} as first_discount_minor
    from taxed
),

-- Goods that an edit takes off take their part of the discount along, by size where the lines do not tell it.
reduced as (
    select
        *,
        case
            when goods_edit_minor < 0 and first_goods_minor > 0 and not is_edit_told
                then cast({{ divide_rounded(
                    'first_discount_minor', '(first_goods_minor + goods_edit_minor)', 'first_goods_minor'
                ) }} as bigint)
            else first_discount_minor
        end as net_discount_minor
    from netted
)

select
    concat(reduced.connection, ':', reduced.shopify_order_id) as order_id,
    reduced.connection,
    'shopify' as source_system,
    reduced._load_id,
    reduced.shopify_order_id as source_order_id,
    reduced.order_name,
    case when reduced.is_till then 'till' else 'web' end as sales_channel,
    case
        when reduced.has_pickup then 'pick_up'
        when reduced.is_till and not reduced.has_shipping then 'carried_out'
        else 'ship'
    end as fulfilment,
    case
        when reduced.is_deleted then 'deleted'
        when reduced.financial_status in ('VOIDED', 'EXPIRED') then 'void'
        when reduced.cancelled_at is not null then 'cancelled'
        else 'placed'
    end as order_status,
    reduced.cancelled_at,
    'web_shop' as location_kind,
    case when reduced.is_till then reduced.retail_location_id end as location_id,
    reduced.pickup_location_id,
    coalesce(reduced.region_code, locations.region_code) as region_code,
    -- An order that came from another system was created here later than it was placed.
    coalesce(reduced.processed_at, reduced.created_at) as ordered_at,
    reduced.currency_code,
    cast(
        reduced.first_goods_minor + reduced.goods_edit_minor + reduced.net_discount_minor as bigint
    ) as goods_minor,
    cast(reduced.net_discount_minor as bigint) as discount_minor,
    cast(
        reduced.charged_shipping_minor
        - case when reduced.has_taxes_included then reduced.tax_minor - reduced.goods_tax_minor else 0 end as bigint
    ) as shipping_minor,
    cast(reduced.tax_minor + reduced.tax_edit_minor as bigint) as tax_minor,
    reduced.tip_minor,
    reduced.fee_minor as service_minor,
    cast(reduced.total_minor + reduced.edited_minor - reduced.gift_card_minor as bigint) as total_minor,
    cast(reduced.gift_card_minor as bigint) as gift_card_minor,
    greatest(reduced.outstanding_minor, 0) as due_minor,
    reduced.has_taxes_included,
    reduced.shop_currency_code as book_currency_code,
    cast(reduced.shop_total_minor + reduced.shop_edited_minor - reduced.shop_gift_card_minor as bigint)
        as book_total_minor,
    cast(reduced.item_count as bigint) as item_count,
    reduced.discount_code as coupon_code,
    {{ as_text('null') }} as device_id,
    {{ as_text('null') }} as staff_id,
    -- The shop stores the browser's id with the order only where analytics may know it. A shop that stores none says
    -- nothing.
    case when reduced.browser_id is not null then true end as has_analytics_consent
from reduced
left join locations
    on
        reduced.connection = locations.connection
        and reduced.pickup_location_id = locations.shopify_location_id
