{{ config(materialized='view') }}

with

-- What was told of the app only; on a page an offer is no step towards a store.
events as (
    select
        *,
        case event_name when 'view_promotion' then 'offer_shown' else event_name end as event_kind
    from {{ ref('stg_ga4__events') }}
    where platform <> 'WEB'
)

select
    connection,
    'ga4' as source_system,
    _load_id,
    event_date,
    event_id,
    event_kind,
    {{ record_key('browser', 'browser_id') }} as record_key,
    app_subject as subject,
    app_store_code as store_code,
    coalesce(order_name, app_order_name) as order_name,
    occurred_at,
    has_analytics_consent
from events
where
    event_kind in (
        'offer_shown', 'offer_used', 'order_ahead', 'check_in', 'ar_view', 'virtual_try_on', 'store_locator'
    )
