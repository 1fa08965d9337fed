with

currencies as (
    select * from {{ ref('currencies') }}
),

-- All to one and the same currency, the one whose own rate is 1.
rates as (
    {{ with_company('exchange_rates', {
        'currency_code': 'string', 'valid_from': 'date', 'rate_to_reporting': 'decimal(18,9)',
    }, replaces=true) }}
),

reporting_rates as (
    select * from rates
    where currency_code = '{{ var("reporting_currency") }}'
),

-- A rate changes when the currency's own does, or that of the reporting currency.
changes as (
    select
        currency_code,
        valid_from,
        valid_from as own_from,
        cast(null as date) as reporting_from
    from rates
    union all
    select
        own.currency_code,
        reporting_rates.valid_from,
        cast(null as date) as own_from,
        reporting_rates.valid_from as reporting_from
    from (select distinct currency_code from rates) as own
    cross join reporting_rates
),

as_of as (
    select distinct
        currency_code,
        valid_from,
        max(own_from) over until_then as own_from,
        max(reporting_from) over until_then as reporting_from
    from changes
    window until_then as (
        partition by currency_code
        order by valid_from
        range between unbounded preceding and current row
    )
),

crossed as (
    select
        as_of.currency_code,
        as_of.valid_from,
        reporting_rates.currency_code as reporting_currency_code,
        cast(cast(rates.rate_to_reporting as decimal(27, 9)) * 1000000000 as bigint) as own_billionths,
        cast(cast(reporting_rates.rate_to_reporting as decimal(27, 9)) * 1000000000 as bigint) as reporting_billionths
    from as_of
    inner join rates
        on as_of.currency_code = rates.currency_code and as_of.own_from = rates.valid_from
    inner join reporting_rates
        on as_of.reporting_from = reporting_rates.valid_from
),

rated as (
    select
        crossed.currency_code,
        crossed.valid_from,
        lead(crossed.valid_from) over (
            partition by crossed.currency_code
            order by crossed.valid_from
        ) as valid_before,
        currencies.exponent,
        crossed.reporting_currency_code,
        -- Between minor units: a yen has none, a dinar a thousand.
        {% set exponent = var('reporting_exponent') | int -%}
        {{ exact_ratio(
            'crossed.own_billionths * ' ~ 10 ** exponent,
            'crossed.reporting_billionths'
            ~ ' * case currencies.exponent when 0 then 1 when 2 then 100 when 3 then 1000 when 4 then 10000 end',
            9
        ) }} as minor_rate
    from crossed
    inner join currencies
        on crossed.currency_code = currencies.currency_code
)

select * from rated
