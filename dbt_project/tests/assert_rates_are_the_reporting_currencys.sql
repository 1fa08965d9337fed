-- Amounts can be converted to the reporting currency: it has a rate, and as many decimals as the setting says.
with

reporting as (
    select '{{ var("reporting_currency") }}' as currency_code
)

select
    reporting.currency_code,
    rates.exponent
from reporting
left join {{ ref('int_currencies__rates') }} as rates
    on reporting.currency_code = rates.currency_code
where coalesce(rates.exponent, -1) <> {{ var('reporting_exponent') }}
