with

entries as (
    select
        booked_store_id as store_id,
        booked_date as business_date,
        cast(sum(case when entry_kind = 'sale' then revenue_reporting_minor else 0 end) as bigint) as sold_minor,
        cast(sum(case when entry_kind <> 'sale' then -revenue_reporting_minor else 0 end) as bigint)
            as given_back_minor,
        cast(sum(net_sales_reporting_minor) as bigint) as net_sales_minor
    from {{ ref('int_orders__entries') }}
    where booked_store_id is not null
    group by booked_store_id, booked_date
),

receipts as (
    select
        sold_store_id as store_id,
        order_date as business_date,
        count(*) as receipt_count,
        cast(sum(item_count) as bigint) as unit_count,
        count(distinct customer_id) as known_buyer_count
    from {{ ref('fct_orders') }}
    where is_sale and sold_store_id is not null
    group by sold_store_id, order_date
),

pickups as (
    select
        pickup_store_id as store_id,
        order_date as business_date,
        count(*) as pickup_order_count
    from {{ ref('fct_orders') }}
    where is_sale and order_channel = 'bopis' and pickup_store_id is not null
    group by pickup_store_id, order_date
),

footfall as (
    select
        *,
        footfall_date as business_date
    from {{ ref('fct_store_footfall') }}
),

visits as (
    select
        store_id,
        visit_date as business_date,
        cast(sum(dwell_seconds) as bigint) as dwell_seconds
    from {{ ref('fct_store_visits') }}
    group by store_id, visit_date
),

stores as (
    select * from {{ ref('dim_stores') }}
),

holidays as (
    select * from {{ ref('int_stores__holidays') }}
),

known_years as (
    select distinct
        store_id,
        extract(year from holiday_date) as calendar_year,
        holiday_scope
    from holidays
),

-- A day on which nothing at all is known of a store has no row.
spine as (
    {%- for part in ['entries', 'receipts', 'pickups', 'footfall', 'visits'] %}
    select
        store_id,
        business_date
    from {{ part }}
    {{ 'union' if not loop.last }}
    {%- endfor %}
)

select
    {{ hash_key(['spine.store_id', 'spine.business_date']) }} as store_daily_id,
    spine.store_id,
    spine.business_date,
    stores.time_zone,
    case when known_years.store_id is not null then holidays.store_id is not null end as is_public_holiday,
    holidays.holiday_name,
    known_years.holiday_scope,
    footfall.footfall_count,
    footfall.footfall_low_count,
    footfall.footfall_high_count,
    footfall.footfall_source,
    coalesce(footfall.known_visit_count, 0) as known_visit_count,
    coalesce(visits.dwell_seconds, 0) as dwell_seconds,
    coalesce(receipts.receipt_count, 0) as receipt_count,
    case when footfall.footfall_count is null then 0 else coalesce(receipts.receipt_count, 0) end
        as comparable_receipt_count,
    coalesce(receipts.unit_count, 0) as unit_count,
    coalesce(receipts.known_buyer_count, 0) as known_buyer_count,
    coalesce(pickups.pickup_order_count, 0) as pickup_order_count,
    {{ reporting_amount('coalesce(entries.sold_minor, 0)') }} as sold_amount,
    {{ reporting_amount('coalesce(entries.given_back_minor, 0)') }} as given_back_amount,
    {{ reporting_amount('(coalesce(entries.sold_minor, 0) - coalesce(entries.given_back_minor, 0))') }}
        as revenue_amount,
    {{ reporting_amount('coalesce(entries.net_sales_minor, 0)') }} as net_sales_amount
from spine
inner join stores
    on spine.store_id = stores.store_id
{%- for part in ['footfall', 'visits', 'receipts', 'pickups', 'entries'] %}
left join {{ part }}
    on
        spine.store_id = {{ part }}.store_id
        and spine.business_date = {{ part }}.business_date
{%- endfor %}
left join holidays
    on
        spine.store_id = holidays.store_id
        and spine.business_date = holidays.holiday_date
left join known_years
    on
        spine.store_id = known_years.store_id
        and extract(year from spine.business_date) = known_years.calendar_year
