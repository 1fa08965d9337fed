-- Per currency, orders and money in the contracts are those that were staged of the tills.
with

staged_orders as (
    select
        currency_code,
        total_minor as charged_minor
    from {{ staged('stg_square__orders') }}
    where {{ element_count('line_items') }} > 0 or not has_returns
),

staged_refunds as (
    select
        currency_code,
        amount_minor as refunded_minor
    from {{ staged('stg_square__refunds') }}
),

{{ conserved_orders('square') }}
