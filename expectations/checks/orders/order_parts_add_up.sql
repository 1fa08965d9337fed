{# What vendors now and then say otherwise, lawfully: a price that was rounded by line, a refund as goodwill. #}
{% from "_obeys.sql" import all_obey with context %}
{{ all_obey([
    ("refund is at most the charged amount", "fct_orders", "order_id",
        "refunded_minor <= total_minor + gift_card_minor"),
]) }}
union all
select
    'lines make up the goods' as place,
    null as day,
    'orders' as unit,
    count(*) as left_total,
    count(*) filter (where goods_minor = line_minor) as right_total,
    0 as tolerance,
    {{ first_five("order_id", "goods_minor <> line_minor") }} as ids
from (
    select
        o.order_id,
        o.goods_minor - o.discount_minor as goods_minor,
        sum(l.net_sales_minor) as line_minor
    from marts.fct_orders as o
    inner join marts.fct_order_lines as l on o.order_id = l.order_id
    where l.line_kind <> 'gift_card' and o.is_sale
    group by o.order_id, o.goods_minor, o.discount_minor
    -- What an edit took off stands in the lines still.
    having sum(l.quantity) = sum(l.current_quantity)
) as sums
