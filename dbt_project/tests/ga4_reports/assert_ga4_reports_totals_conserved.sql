-- Per day, sessions, purchases and revenue in the contract are those that were staged and can be read.
with

both_sides as (
    select
        total_date,
        session_count as staged_sessions,
        coalesce(order_count, 0) as staged_orders,
        coalesce(revenue_minor, 0) as staged_minor,
        0 as conformed_sessions,
        0 as conformed_orders,
        0 as conformed_minor
    from {{ ref('base_ga4_reports__totals') }}
    where total_key is not null and {{ is_sound() }}
    union all
    select
        total_date,
        0 as staged_sessions,
        0 as staged_orders,
        0 as staged_minor,
        session_count as conformed_sessions,
        coalesce(order_count, 0) as conformed_orders,
        coalesce(revenue_minor, 0) as conformed_minor
    from {{ ref('web_totals') }}
    where source_system = 'ga4_reports'
)

select
    total_date,
    sum(staged_sessions) as staged_sessions,
    sum(conformed_sessions) as conformed_sessions,
    sum(staged_minor) as staged_minor,
    sum(conformed_minor) as conformed_minor
from both_sides
group by total_date
having
    sum(staged_sessions) <> sum(conformed_sessions)
    or sum(staged_orders) <> sum(conformed_orders)
    or sum(staged_minor) <> sum(conformed_minor)
