with

rates as (
    select * from {{ ref('int_currencies__rates') }}
),

dates as (
    select * from {{ ref('dim_dates') }}
)

select
    {{ hash_key(['rates.currency_code', 'dates.calendar_date']) }} as exchange_rate_id,
    dates.calendar_date as rate_date,
    rates.currency_code,
    rates.reporting_currency_code,
    rates.rate_to_reporting,
    rates.minor_rate,
    rates.quoted_date,
    cast({{ day_number('dates.calendar_date') }} - {{ day_number('rates.quoted_date') }} as integer)
        as days_since_quoted,
    dates.calendar_date <> rates.quoted_date as is_filled,
    rates.rate_source
from dates
inner join rates
    on
        dates.calendar_date >= rates.valid_from
        and dates.calendar_date < coalesce(rates.valid_before, date '9999-12-31')
