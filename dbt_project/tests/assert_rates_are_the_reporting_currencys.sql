-- The rate table is written for one reporting currency, whose own rate is 1: whoever changes the
-- setting replaces the table, too. Reports print two decimals, so that currency must have two.
with

reporting as (
    select '{{ var("reporting_currency") }}' as currency_code
)

select
    reporting.currency_code,
    currencies.exponent,
    exchange_rates.valid_from,
    exchange_rates.rate_to_reporting
from reporting
left join {{ ref('currencies') }} as currencies
    on reporting.currency_code = currencies.currency_code
left join {{ ref('exchange_rates') }} as exchange_rates
    on reporting.currency_code = exchange_rates.currency_code
where
    coalesce(currencies.exponent, -1) <> 2
    or coalesce(exchange_rates.rate_to_reporting, 0) <> 1
