-- Per currency, orders and money in the contract are those that were staged of Acme.
with

staged as (
    select
        coalesce(currency_code, '?') as currency_code,
        count(*) as order_count,
        sum(total_minor) as total_minor,
        sum(refunded_minor) as refunded_minor
    from {{ ref('stg_acme__sales') }}
    group by coalesce(currency_code, '?')
),

{{ conserved_orders('acme') }}
