with

orders as (
    select * from {{ ref('int_orders__all') }}
),

visits as (
    select * from {{ ref('int_stores__visits') }}
),

order_conversions as (
    select
        order_id as conversion_id,
        case when order_channel = 'till' then 'till_order' else 'web_order' end as conversion_type,
        order_channel,
        customer_id,
        store_id,
        ordered_at as converted_at,
        currency_code,
        net_minor as value_minor,
        net_reporting_minor as value_reporting_minor,
        has_analytics_consent
    from orders
    where not is_cancelled
),

visit_conversions as (
    select
        visit_id as conversion_id,
        'store_visit' as conversion_type,
        {{ as_text('null') }} as order_channel,
        customer_id,
        store_id,
        arrived_at as converted_at,
        currency_code,
        cast(0 as bigint) as value_minor,
        cast(0 as bigint) as value_reporting_minor,
        true as has_analytics_consent
    from visits
)

select * from order_conversions
union all
select * from visit_conversions
