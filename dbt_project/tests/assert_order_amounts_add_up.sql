-- A warning, not an error: the vendor's own totals are booked as they are.
{{ config(severity='warn') }}

select
    order_id,
    subtotal_minor,
    discount_minor,
    shipping_minor,
    tax_minor,
    total_minor,
    refunded_minor
from {{ ref('fct_orders') }}
where
    total_minor <> subtotal_minor - discount_minor + shipping_minor + tax_minor
    or refunded_minor > total_minor
    or net_minor <> total_minor - refunded_minor
