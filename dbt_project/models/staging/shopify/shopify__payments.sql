{{ config(materialized='view') }}

with

moves as (
    select * from {{ ref('stg_shopify__order_transactions') }}
),

-- What came of a transaction: an authorisation is captured, perhaps in parts, or voided; of cash some is given back.
outcomes as (
    select
        connection,
        parent_transaction_id as shopify_transaction_id,
        count_if(kind = 'CAPTURE') > 0 as is_captured,
        count_if(kind = 'VOID') > 0 as is_voided,
        sum(case when kind = 'CHANGE' then amount_minor else 0 end) as change_minor
    from moves
    where status = 'SUCCESS' and parent_transaction_id is not null
    group by connection, parent_transaction_id
),

payments as (
    select
        moves.*,
        cast(moves.amount_minor - coalesce(outcomes.change_minor, 0) as bigint) as paid_minor,
        case
            when moves.status in ('FAILURE', 'ERROR') then 'failed'
            when coalesce(outcomes.is_voided, false) then 'cancelled'
            when moves.kind in ('SALE', 'CAPTURE') and moves.status = 'SUCCESS' then 'paid'
            else 'pending'
        end as payment_status
    from moves
    left join outcomes
        on
            moves.connection = outcomes.connection
            and moves.shopify_transaction_id = outcomes.shopify_transaction_id
    where
        moves.kind in ('SALE', 'CAPTURE')
        or (moves.kind in ('AUTHORIZATION', 'EMV_AUTHORIZATION') and not coalesce(outcomes.is_captured, false))
),

-- The order tells its tips in one sum: they are set against its largest payment.
ranked as (
    select
        *,
        row_number() over (
            partition by connection, shopify_order_id, payment_status
            order by paid_minor desc, shopify_transaction_id asc
        ) as place
    from payments
),

tipped as (
    select
        *,
        case when payment_status = 'paid' and place = 1 then least(order_tip_minor, paid_minor) else 0 end as tip_minor
    from ranked
)

select
    connection,
    'shopify' as source_system,
    _load_id,
    shopify_transaction_id as payment_id,
    shopify_order_id as source_order_id,
    'web_shop' as location_kind,
    shopify_location_id as location_id,
    processed_at as paid_at,
    currency_code,
    paid_minor - tip_minor as amount_minor,
    tip_minor,
    case
        when gateway = 'gift_card' then 'gift_card'
        when gateway = 'cash' then 'cash'
        when payment_details = 'CardPaymentDetails' then 'card'
        else 'other'
    end as tender,
    payment_status
from tipped
