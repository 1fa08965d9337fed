-- Per currency, orders and money in the contract are those that were staged of Acme.
with

staged_orders as (
    select
        currency_code,
        total_minor as charged_minor
    from {{ staged('stg_acme__sales') }}
),

staged_refunds as (
    select
        currency_code,
        refunded_minor
    from {{ staged('stg_acme__sales') }}
),

{{ conserved_orders('acme') }}
