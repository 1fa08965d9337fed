{{ config(materialized='view') }}

select
    payments.connection,
    'clover' as source_system,
    payments._load_id,
    payments.clover_payment_id as payment_id,
    payments.clover_order_id as source_order_id,
    'till' as location_kind,
    payments.clover_merchant_id as location_id,
    payments.created_at as paid_at,
    coalesce(orders.currency_code, merchants.currency_code) as currency_code,
    payments.amount_minor,
    payments.tip_minor,
    case
        when payments.tender_key like '%gift_card%' or lower(payments.tender_label) like '%gift card%' then 'gift_card'
        when payments.tender_key like '%.cash' then 'cash'
        when payments.tender_key like '%.credit_card' or payments.tender_key like '%.debit_card' then 'card'
        else 'other'
    end as tender,
    case
        when payments.void_reason is not null or payments.payment_result in ('VOIDED', 'VOIDING') then 'cancelled'
        when payments.payment_result in ('SUCCESS', 'AUTH_COMPLETED', 'VOID_FAILED') then 'paid'
        when payments.payment_result = 'FAIL' then 'failed'
        else 'pending'
    end as payment_status
from {{ staged('stg_clover__payments') }} as payments
left join {{ staged('stg_clover__orders') }} as orders
    on payments.connection = orders.connection and payments.clover_order_id = orders.clover_order_id
left join {{ staged('stg_clover__merchants') }} as merchants
    on payments.connection = merchants.connection and payments.clover_merchant_id = merchants.clover_merchant_id
