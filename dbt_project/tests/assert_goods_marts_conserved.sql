-- Refunds are those of the entries, payments those of the contract, coupons what all sales with a code came to, and
-- the stock of each day is that of the day before with what moved it.
{%- set amounts = ['discount_reporting_minor', 'net_reporting_minor', 'net_sales_reporting_minor'] %}
with

further_codes as (
    select distinct
        connection,
        source_order_id
    from {{ ref('order_coupons') }}
    where trim(coupon_code) <> ''
),

with_codes as (
    select orders.*
    from {{ ref('fct_orders') }} as orders
    left join further_codes
        on
            orders.connection = further_codes.connection
            and orders.source_order_id = further_codes.source_order_id
    where orders.is_sale and (trim(orders.coupon_code) <> '' or further_codes.connection is not null)
),

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
    {%- for amount in amounts %}
    union all
    select
        'coupons {{ amount }}' as place,
        {{ amount }} as told,
        0 as stated
    from {{ ref('fct_coupons') }}
    union all
    select
        'coupons {{ amount }}' as place,
        0 as told,
        {{ amount }} as stated
    from with_codes
    {%- endfor %}
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
