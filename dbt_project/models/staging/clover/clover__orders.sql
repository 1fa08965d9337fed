{{ config(materialized='table') }}

with

orders as (
    select * from {{ staged('stg_clover__orders') }}
),

lines as (
    select
        connection,
        clover_order_id,
        cast(sum(case when line_kind = 'goods' then cast(round(quantity) as bigint) else 0 end) as bigint)
            as item_count,
        cast(sum(case when line_kind = 'goods' then net_minor else 0 end) as bigint) as net_minor,
        cast(sum(case when line_kind = 'goods' then discount_minor else 0 end) as bigint) as listed_discount_minor,
        cast(sum(case when line_kind = 'gift_card' then net_minor else 0 end) as bigint) as gift_card_minor,
        cast(sum(case when line_kind = 'fee' then net_minor else 0 end) as bigint) as fee_minor,
        cast(sum(case when line_kind = 'fee' and has_taxes_included then listed_tax_minor else 0 end) as bigint)
            as included_fee_tax_minor,
        min(discount_name) as discount_name,
        cast(sum(listed_tax_minor) as bigint) as listed_tax_minor
    from (
        select
            *,
            case when is_order_fee then 'fee' when is_gift_card then 'gift_card' else 'goods' end as line_kind
        from {{ ref('base_clover__lines') }}
    ) as kinds
    group by connection, clover_order_id
),

payments as (
    select
        connection,
        source_order_id as clover_order_id,
        cast(sum(amount_minor) as bigint) as paid_minor,
        cast(sum(tip_minor) as bigint) as tip_minor
    from {{ ref('clover__payments') }}
    where payment_status = 'paid' and source_order_id is not null
    group by connection, source_order_id
),

parts_paid as (
    select
        connection,
        clover_order_id,
        cast(sum(tax_minor) as bigint) as tax_minor,
        cast(sum(service_minor) as bigint) as service_minor
    from {{ staged('stg_clover__payments') }}
    where payment_result in ('SUCCESS', 'AUTH_COMPLETED', 'VOID_FAILED') and void_reason is null
    group by connection, clover_order_id
),

joined as (
    select
        orders.*,
        coalesce(lines.item_count, 0) as item_count,
        coalesce(lines.net_minor, 0) as net_minor,
        coalesce(lines.listed_discount_minor, 0) as listed_discount_minor,
        coalesce(lines.gift_card_minor, 0) as gift_card_minor,
        coalesce(lines.fee_minor, 0) as fee_minor,
        coalesce(lines.included_fee_tax_minor, 0) as included_fee_tax_minor,
        lines.discount_name,
        coalesce(lines.listed_tax_minor, 0) as listed_tax_minor,
        coalesce(payments.paid_minor, 0) as paid_minor,
        coalesce(payments.tip_minor, 0) as tip_minor,
        coalesce(parts_paid.tax_minor, 0) as tax_paid_minor,
        coalesce(parts_paid.service_minor, 0) as service_paid_minor,
        -- Of all that is sold, gift cards too, as tills reckon it.
        cast({{ divide_rounded(
            'coalesce(lines.net_minor + lines.gift_card_minor, 0)', 'orders.service_charge_rate', '1000000'
        ) }} as bigint) as listed_service_minor
    from orders
    left join lines
        on orders.connection = lines.connection and orders.clover_order_id = lines.clover_order_id
    left join payments
        on orders.connection = payments.connection and orders.clover_order_id = payments.clover_order_id
    left join parts_paid
        on orders.connection = parts_paid.connection and orders.clover_order_id = parts_paid.clover_order_id
    -- An order that only gives something back is no sale.
    where lines.clover_order_id is not null or payments.clover_order_id is not null or orders.written_total_minor <> 0
),

written as (
    select
        *,
        coalesce(
            written_total_minor,
            net_minor + gift_card_minor + listed_service_minor + fee_minor
            + case when has_taxes_included then 0 else listed_tax_minor end
        ) as listed_total_minor,
        -- All other states say that it was, and what became of it then.
        coalesce(payment_state, 'OPEN') in ('OPEN', 'PARTIALLY_PAID', 'PREAUTHORIZED') as is_to_be_paid
    from joined
),

settled as (
    select
        *,
        -- What was paid counts. Cash is rounded to coins: that little is not owed.
        paid_minor > 0 and (
            not is_to_be_paid or (lower(order_state) = 'locked' and abs(listed_total_minor - paid_minor) <= 4)
        ) as is_paid
    from written
),

charged as (
    select
        *,
        case when is_paid then paid_minor else listed_total_minor end as charged_minor,
        case when is_paid then tax_paid_minor else listed_tax_minor end as tax_minor,
        case when is_paid and service_paid_minor > 0 then service_paid_minor else listed_service_minor end
        + fee_minor - included_fee_tax_minor as service_minor
    from settled
),

netted as (
    select
        *,
        case
            when has_taxes_included
                then {{ without_tax(
                    'listed_discount_minor', 'tax_minor', '(charged_minor - gift_card_minor - service_minor)'
                ) }}
            else listed_discount_minor
        end as discount_minor
    from charged
)

select
    concat(connection, ':', clover_order_id) as order_id,
    connection,
    'clover' as source_system,
    _load_id,
    clover_order_id as source_order_id,
    {{ as_text('null') }} as order_name,
    'till' as sales_channel,
    'carried_out' as fulfilment,
    case
        when deleted_at is not null and paid_minor > 0 then 'deleted'
        -- Given up before it was paid.
        when deleted_at is not null then 'void'
        when is_test or order_state is null then 'draft'
        when is_to_be_paid and not is_paid then 'open'
        else 'placed'
    end as order_status,
    cast(null as timestamp) as cancelled_at,
    'till' as location_kind,
    clover_merchant_id as location_id,
    {{ as_text('null') }} as pickup_location_id,
    {{ as_text('null') }} as region_code,
    created_at as ordered_at,
    currency_code,
    charged_minor - gift_card_minor - tax_minor - service_minor + discount_minor as goods_minor,
    discount_minor,
    cast(0 as bigint) as shipping_minor,
    tax_minor,
    tip_minor,
    service_minor,
    charged_minor - gift_card_minor + tip_minor as total_minor,
    gift_card_minor,
    case
        when is_to_be_paid and not is_paid then greatest(charged_minor - paid_minor, 0)
        else 0
    end as due_minor,
    has_taxes_included,
    {{ as_text('null') }} as book_currency_code,
    cast(null as bigint) as book_total_minor,
    item_count,
    coalesce({{ first_element('discounts') }}.name, discount_name) as coupon_code,
    clover_device_id as device_id,
    clover_employee_id as staff_id,
    -- Nobody is tracked at a till: who is known there said so.
    true as has_analytics_consent
from netted
