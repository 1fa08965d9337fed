with

currencies as (
    select * from {{ ref('currencies') }}
),

company_rates as (
    select
        currency_code,
        cast(valid_from as date) as valid_from,
        cast(rate_to_reporting as decimal(18, 9)) as rate
    from {{ ref('stg_o2o__company_rows') }}
    where table_name = 'exchange_rates'
),

-- Of two feeds that quote a currency on one day, one.
feed_rates as (
    select
        base_currency_code,
        currency_code,
        rate_date as valid_from,
        rate
    from (
        select
            *,
            row_number() over (
                partition by base_currency_code, currency_code, rate_date
                order by connection
            ) as choice
        from {{ ref('exchange_rates') }}
        where rate > 0 and currency_code <> base_currency_code
    ) as numbered
    where choice = 1
),

-- Stand-ins for a first look at data: not beside rates that somebody tells.
default_rates as (
    select
        currency_code,
        valid_from,
        rate_to_reporting as rate
    from {{ ref('default_exchange_rates') }}
    where
        not exists (select 1 from company_rates)
        and not exists (select 1 from feed_rates)
),

-- A list says what currencies are worth, all in one and the same unit. A feed says it the other way around: what
-- one unit of its base comes to in each.
quoted as (
    select
        'company' as rate_source,
        1 as list_rank,
        '' as base_currency_code,
        currency_code,
        valid_from,
        cast(rate as decimal(20, 10)) as rate
    from company_rates
    union all
    select
        'feed' as rate_source,
        2 as list_rank,
        base_currency_code,
        currency_code,
        valid_from,
        rate
    from feed_rates
    union all
    select distinct
        'feed' as rate_source,
        2 as list_rank,
        base_currency_code,
        base_currency_code as currency_code,
        valid_from,
        cast(1 as decimal(20, 10)) as rate
    from feed_rates
    union all
    select
        'default' as rate_source,
        3 as list_rank,
        '' as base_currency_code,
        currency_code,
        valid_from,
        cast(rate as decimal(20, 10)) as rate
    from default_rates
),

reporting_rates as (
    select * from quoted
    where currency_code = '{{ var("reporting_currency") }}'
),

-- The first list that names a currency beside the reporting currency.
lists as (
    select
        currency_code,
        rate_source,
        base_currency_code
    from (
        select
            named.*,
            row_number() over (
                partition by named.currency_code
                order by named.list_rank, named.base_currency_code
            ) as choice
        from (
            select distinct
                currency_code,
                rate_source,
                list_rank,
                base_currency_code
            from quoted
        ) as named
        inner join (
            select distinct
                rate_source,
                base_currency_code
            from reporting_rates
        ) as usable
            on
                named.rate_source = usable.rate_source
                and named.base_currency_code = usable.base_currency_code
    ) as numbered
    where choice = 1
),

own_rates as (
    select quoted.*
    from quoted
    inner join lists
        on
            quoted.currency_code = lists.currency_code
            and quoted.rate_source = lists.rate_source
            and quoted.base_currency_code = lists.base_currency_code
),

-- A rate changes when the currency's own does, or that of the reporting currency.
changes as (
    select
        currency_code,
        rate_source,
        base_currency_code,
        valid_from,
        valid_from as own_from,
        cast(null as date) as reporting_from
    from own_rates
    union all
    select
        lists.currency_code,
        lists.rate_source,
        lists.base_currency_code,
        reporting_rates.valid_from,
        cast(null as date) as own_from,
        reporting_rates.valid_from as reporting_from
    from lists
    inner join reporting_rates
        on
            lists.rate_source = reporting_rates.rate_source
            and lists.base_currency_code = reporting_rates.base_currency_code
),

-- Until the next rate, the last one goes on; before the first there is only that.
as_of as (
    select distinct
        currency_code,
        rate_source,
        base_currency_code,
        valid_from,
        coalesce(
            max(own_from) over until_then, min(own_from) over (partition by currency_code)
        ) as own_from,
        coalesce(
            max(reporting_from) over until_then, min(reporting_from) over (partition by currency_code)
        ) as reporting_from
    from changes
    window until_then as (
        partition by currency_code
        order by valid_from
        range between unbounded preceding and current row
    )
),

-- Worth is a ratio of two whole numbers, so that a cross rate is exact to its last digit.
worths as (
    select
        as_of.currency_code,
        as_of.rate_source,
        as_of.valid_from,
        case
            when greatest(as_of.own_from, as_of.reporting_from) > as_of.valid_from
                then greatest(as_of.own_from, as_of.reporting_from)
            else least(as_of.own_from, as_of.reporting_from)
        end as quoted_date,
        case as_of.rate_source when 'feed' then reporting_rates.rate else own_rates.rate end as dividend,
        case as_of.rate_source when 'feed' then own_rates.rate else reporting_rates.rate end as divisor
    from as_of
    inner join own_rates
        on as_of.currency_code = own_rates.currency_code and as_of.own_from = own_rates.valid_from
    inner join reporting_rates
        on
            as_of.rate_source = reporting_rates.rate_source
            and as_of.base_currency_code = reporting_rates.base_currency_code
            and as_of.reporting_from = reporting_rates.valid_from
),

whole as (
    select
        currency_code,
        rate_source,
        valid_from,
        quoted_date,
        {{ without_point('dividend') }} as dividend,
        {{ without_point('divisor') }} as divisor
    from worths
),

rated as (
    select
        whole.currency_code,
        case
            when lag(whole.valid_from) over until_next is null then date '1900-01-01'
            else whole.valid_from
        end as valid_from,
        lead(whole.valid_from) over until_next as valid_before,
        currencies.exponent,
        '{{ var("reporting_currency") }}' as reporting_currency_code,
        {{ exact_ratio('whole.dividend', 'whole.divisor', 9) }} as rate_to_reporting,
        -- Between minor units: a yen has none, a dinar a thousand.
        {{ exact_ratio(
            'whole.dividend * ' ~ 10 ** (var('reporting_exponent') | int),
            'whole.divisor'
            ~ ' * case currencies.exponent when 0 then 1 when 2 then 100 when 3 then 1000 when 4 then 10000 end',
            9
        ) }} as minor_rate,
        whole.quoted_date,
        whole.rate_source
    from whole
    inner join currencies
        on whole.currency_code = currencies.currency_code
    window until_next as (partition by whole.currency_code order by whole.valid_from)
)

select * from rated
