-- The parts of an order make up its total, and those of a refund its amount.
select
    order_id as id,
    total_minor as whole_minor,
    goods_minor - discount_minor + shipping_minor + tax_minor + tip_minor + service_minor as parts_minor
from {{ ref('orders') }}
where total_minor <> goods_minor - discount_minor + shipping_minor + tax_minor + tip_minor + service_minor
union all
select
    concat(connection, ':', refund_id) as id,
    refunded_minor as whole_minor,
    goods_minor + shipping_minor + tax_minor + tip_minor + service_minor + gift_card_minor as parts_minor
from {{ ref('refunds') }}
where refunded_minor <> goods_minor + shipping_minor + tax_minor + tip_minor + service_minor + gift_card_minor
