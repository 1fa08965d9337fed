-- Per currency, orders and money in the contracts are those that were staged of the tills: of what is paid in full,
-- its payments; of the rest, what the till wrote or the lines come to, and the tips.
with

payments as (
    select
        connection,
        clover_order_id,
        sum(amount_minor) as paid_minor,
        sum(tip_minor) as tip_minor
    from {{ staged('stg_clover__payments') }}
    where payment_result in ('SUCCESS', 'AUTH_COMPLETED', 'VOID_FAILED') and void_reason is null
    group by connection, clover_order_id
),

lines as (
    select
        connection,
        clover_order_id,
        -- Fees are in the contract's service charge.
        sum(
            case when is_order_fee then 0 else net_minor end
            + case when has_taxes_included and not is_order_fee then 0 else listed_tax_minor end
        ) as listed_minor
    from {{ ref('base_clover__lines') }}
    group by connection, clover_order_id
),

staged_orders as (
    select
        orders.currency_code,
        coalesce(payments.tip_minor, 0) + case
            when
                payments.paid_minor > 0
                and (
                    orders.payment_state not in ('OPEN', 'PARTIALLY_PAID', 'PREAUTHORIZED')
                    or (lower(orders.order_state) = 'locked' and contracts.due_minor = 0)
                )
                then payments.paid_minor
            else coalesce(orders.written_total_minor, lines.listed_minor + contracts.service_minor)
        end as charged_minor
    from {{ staged('stg_clover__orders') }} as orders
    left join payments
        on orders.connection = payments.connection and orders.clover_order_id = payments.clover_order_id
    left join lines
        on orders.connection = lines.connection and orders.clover_order_id = lines.clover_order_id
    left join {{ ref('clover__orders') }} as contracts
        on orders.connection = contracts.connection and orders.clover_order_id = contracts.source_order_id
    where
        lines.clover_order_id is not null
        or payments.clover_order_id is not null
        or orders.written_total_minor <> 0
),

staged_refunds as (
    select
        merchants.currency_code,
        moved.amount_minor as refunded_minor
    from (
        select
            connection,
            clover_merchant_id,
            amount_minor
        from {{ staged('stg_clover__refunds') }}
        union all
        select
            connection,
            clover_merchant_id,
            amount_minor
        from {{ staged('stg_clover__credits') }}
    ) as moved
    left join {{ staged('stg_clover__merchants') }} as merchants
        on moved.connection = merchants.connection and moved.clover_merchant_id = merchants.clover_merchant_id
),

{{ conserved_orders('clover') }}
