-- Refunds are those of the entries, payments those of the contract, coupons all sales with a code, and the stock of
-- each day is that of the day before with what moved it.
with

both_sides as (
    select
        'refunds' as place,
        revenue_minor as told,
        0 as stated
    from {{ ref('fct_refunds') }}
    where is_of_sale
    union all
    select
        'refunds' as place,
        0 as told,
        -revenue_minor as stated
    from {{ ref('fct_sales_entries') }}
    where entry_kind = 'refund'
    union all
    select
        'payments' as place,
        amount_minor + tip_minor as told,
        0 as stated
    from {{ ref('fct_payments') }}
    union all
    select
        'payments' as place,
        0 as told,
        amount_minor + tip_minor as stated
    from {{ ref('payments') }}
    union all
    select
        'coupons' as place,
        redeemed_order_count as told,
        0 as stated
    from {{ ref('fct_coupons') }}
    union all
    select
        'coupons' as place,
        0 as told,
        1 as stated
    from {{ ref('fct_orders') }}
    where is_sale and trim(coupon_code) <> ''
)

select
    place,
    sum(told) as told,
    sum(stated) as stated
from both_sides
group by place
having sum(told) <> sum(stated)
union all
select
    concat('stock ', product_code, ' ', place_id) as place,
    opening_quantity - sold_quantity + other_moves_quantity as told,
    on_hand_quantity as stated
from {{ ref('fct_inventory_daily') }}
where opening_quantity - sold_quantity + other_moves_quantity <> on_hand_quantity
