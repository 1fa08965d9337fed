-- Refunds are those of the entries, payments those of the contract, coupons all sales with a code, and the stock of
-- each day is that of the day before with what moved it.
select
    'refunds' as place,
    (select sum(revenue_minor) from {{ ref('fct_refunds') }} where is_of_sale) as told,
    (select -sum(revenue_minor) from {{ ref('fct_sales_entries') }} where entry_kind = 'refund') as stated
where
    (select coalesce(sum(revenue_minor), 0) from {{ ref('fct_refunds') }} where is_of_sale)
    <> (select coalesce(-sum(revenue_minor), 0) from {{ ref('fct_sales_entries') }} where entry_kind = 'refund')
union all
select
    'payments' as place,
    (select count(*) from {{ ref('fct_payments') }}) as told,
    (select count(*) from {{ ref('payments') }}) as stated
where (select count(*) from {{ ref('fct_payments') }}) <> (select count(*) from {{ ref('payments') }})
union all
select
    'coupons' as place,
    (select sum(redeemed_order_count) from {{ ref('fct_coupons') }}) as told,
    (select count(*) from {{ ref('fct_orders') }} where is_sale and trim(coupon_code) <> '') as stated
where
    (select coalesce(sum(redeemed_order_count), 0) from {{ ref('fct_coupons') }})
    <> (select count(*) from {{ ref('fct_orders') }} where is_sale and trim(coupon_code) <> '')
union all
select
    concat('stock ', product_code, ' ', place_id) as place,
    opening_quantity - sold_quantity + other_moves_quantity as told,
    on_hand_quantity as stated
from {{ ref('fct_inventory_daily') }}
where opening_quantity - sold_quantity + other_moves_quantity <> on_hand_quantity
