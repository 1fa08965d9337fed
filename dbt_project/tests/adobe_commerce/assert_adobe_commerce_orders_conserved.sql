-- Per currency, orders and money in the contracts are those that were staged of the shop. What was cancelled of an
-- order that otherwise stands was charged to nobody; what was paid with gift cards, store credit and points was.
with

staged_orders as (
    select
        currency_code,
        total_minor + paid_by_gift_card_minor + paid_by_balance_minor + paid_by_points_minor
        - case when order_state = 'canceled' then 0 else cancelled_total_minor end as charged_minor
    from {{ staged('stg_adobe_commerce__orders') }}
),

staged_refunds as (
    select
        currency_code,
        total_minor + gift_card_minor + balance_minor as refunded_minor
    from {{ staged('stg_adobe_commerce__creditmemos') }}
),

{{ conserved_orders('adobe_commerce') }}
