{{ config(materialized='view') }}

with

invoices as (
    select * from {{ staged('stg_adobe_commerce__invoices') }}
),

orders as (
    select * from {{ staged('stg_adobe_commerce__orders') }}
),

-- What the customer paid by the order's method, and what by the shop's own means.
paid as (
    select
        *,
        '' as by_means,
        total_minor as amount_minor
    from invoices
    where total_minor > 0 or gift_card_minor + balance_minor = 0
    union all
    select
        *,
        ':gift_card' as by_means,
        gift_card_minor as amount_minor
    from invoices
    where gift_card_minor > 0
    union all
    select
        *,
        ':store_credit' as by_means,
        balance_minor as amount_minor
    from invoices
    where balance_minor > 0
)

select
    paid.connection,
    'adobe_commerce' as source_system,
    paid._load_id,
    concat(paid.adobe_commerce_invoice_id, paid.by_means) as payment_id,
    paid.adobe_commerce_order_id as source_order_id,
    {{ as_text('null') }} as location_kind,
    {{ as_text('null') }} as location_id,
    paid.created_at as paid_at,
    paid.currency_code,
    paid.amount_minor,
    cast(0 as bigint) as tip_minor,
    case
        when paid.by_means = ':gift_card' then 'gift_card'
        when paid.by_means = ':store_credit' then 'other'
        when orders.payment_method = 'cashondelivery' then 'cash'
        when
            orders.is_paid_by_card
            or orders.payment_method in ('braintree', 'braintree_cc_vault', 'stripe_payments', 'payflowpro')
            or orders.payment_method like '%card%'
            or orders.payment_method like '%@_cc' escape '@'
            or orders.payment_method like '%@_cc@_%' escape '@'
            then 'card'
        else 'other'
    end as tender,
    case paid.invoice_state
        when '2' then 'paid'
        when '3' then 'cancelled'
        else 'pending'
    end as payment_status
from paid
left join orders
    on
        paid.connection = orders.connection
        and paid.adobe_commerce_order_id = orders.adobe_commerce_order_id
