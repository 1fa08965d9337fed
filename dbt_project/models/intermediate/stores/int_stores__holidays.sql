with

stores as (
    select * from {{ ref('int_stores__matched') }}
),

holidays as (
    select * from {{ ref('stg_o2o__public_holidays') }}
)

select
    stores.store_id,
    holidays.holiday_date,
    holidays.holiday_name,
    holidays.holiday_scope
from stores
inner join holidays
    on
        stores.country_code = holidays.country_code
        and coalesce(stores.region_code, '') = coalesce(holidays.region_code, '')
