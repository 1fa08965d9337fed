with

orders as (
    select * from {{ ref('fct_orders') }}
),

ad_spend as (
    select * from {{ ref('fct_ad_spend') }}
),

touchpoints as (
    select * from {{ ref('fct_touchpoints') }}
),

visits as (
    select * from {{ ref('fct_store_visits') }}
),

footfall as (
    select * from {{ ref('fct_store_footfall') }}
),

dated as (
    select order_date as calendar_date from orders
    union
    select spend_date as calendar_date from ad_spend
    union
    select touch_date as calendar_date from touchpoints
    union
    select visit_date as calendar_date from visits
    union
    select footfall_date as calendar_date from footfall
),

edges as (
    select
        min(calendar_date) as first_date,
        max(calendar_date) as last_date
    from dated
),

-- Year by year, so that one wrong date of the year 9999 does not bring those in between.
years as (
    select distinct extract(year from calendar_date) as calendar_year
    from dated
    where calendar_date is not null
),

days_of_years as (
    select
        {{ explode(days_from(
            "cast(concat(calendar_year, '-01-01') as date)", "cast(concat(calendar_year, '-12-31') as date)"
        )) }} as calendar_date
    from years
),

days as (
    select
        days_of_years.calendar_date,
        -- The first day of 1970 was a Thursday.
        (({{ day_number('days_of_years.calendar_date') }} + 3) % 7 + 7) % 7 + 1 as weekday
    from days_of_years
    cross join edges
    where days_of_years.calendar_date between edges.first_date and edges.last_date
),

-- The Thursday of a week tells the year that ISO 8601 counts the week in.
weeks as (
    select
        *,
        calendar_date + cast(4 - weekday as integer) as thursday
    from days
)

select
    calendar_date,
    cast(extract(year from calendar_date) as integer) as calendar_year,
    cast(extract(quarter from calendar_date) as integer) as calendar_quarter,
    cast(extract(month from calendar_date) as integer) as calendar_month,
    cast(extract(day from calendar_date) as integer) as day_of_month,
    cast(extract(year from thursday) as integer) as iso_year,
    cast(floor((extract(doy from thursday) - 1) / 7) + 1 as integer) as iso_week,
    cast(weekday as integer) as weekday,
    weekday > 5 as is_weekend
from weeks
