select
    order_name,
    order_date,
    ordered_at,
    currency_code,
    -- The CRM is told what was charged.
    total_minor + gift_card_minor as total_minor
from marts.fct_orders
where order_channel <> 'till' and order_status <> 'draft'
