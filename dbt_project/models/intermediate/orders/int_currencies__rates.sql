with

exchange_rates as (
    select * from {{ ref('exchange_rates') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

reporting as (
    select
        currency_code as reporting_currency_code,
        exponent as reporting_exponent
    from currencies
    where currency_code = '{{ var("reporting_currency") }}'
),

rated as (
    select
        exchange_rates.currency_code,
        exchange_rates.valid_from,
        lead(exchange_rates.valid_from) over (
            partition by exchange_rates.currency_code
            order by exchange_rates.valid_from
        ) as valid_before,
        currencies.exponent,
        reporting.reporting_currency_code,
        -- Between minor units: a yen has none, a dinar a thousand.
        cast(
            exchange_rates.rate_to_reporting
            * case reporting.reporting_exponent - currencies.exponent
                when 3 then 1000
                when 2 then 100
                when 1 then 10
                when 0 then 1
                when -1 then 0.1
                when -2 then 0.01
                when -3 then 0.001
            end as decimal(18, 9)
        ) as minor_rate
    from exchange_rates
    inner join currencies
        on exchange_rates.currency_code = currencies.currency_code
    cross join reporting
)

select * from rated
