with

events as (
    select * from {{ ref('web_events') }}
    where order_name is not null
),

orders as (
    select * from {{ ref('orders') }}
    where order_name is not null
),

{{ called_orders('orders') }},

seen as (
    select
        called.order_id,
        events.visitor_id,
        events.occurred_at,
        events.has_analytics_consent,
        -- A page of thanks may be opened again, elsewhere and without consent.
        row_number() over (
            partition by called.order_id
            order by events.has_analytics_consent desc nulls last, events.occurred_at asc, events.event_id asc
        ) as place
    from events
    inner join called
        on {{ replace_pattern('events.order_name', '^#', '') }} = called.called
)

select
    orders.order_id,
    orders.connection,
    orders.source_order_id,
    seen.visitor_id,
    seen.occurred_at,
    seen.has_analytics_consent
from seen
inner join orders
    on seen.order_id = orders.order_id
where
    seen.place = 1
    and orders.has_analytics_consent is null
