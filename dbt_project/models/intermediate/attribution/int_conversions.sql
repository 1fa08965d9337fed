with

orders as (
    select * from {{ ref('int_orders__all') }}
),

visits as (
    select * from {{ ref('int_stores__visits') }}
),

bookings as (
    select * from {{ ref('int_stores__bookings') }}
),

leads as (
    select * from {{ ref('leads') }}
),

-- A deal about an order is that order, which has the money.
sales as (
    select * from {{ ref('deals') }}
    where deal_status = 'won' and order_name is null
),

-- What was booked, once it has begun; whoever comes back for another night is counted apart.
begun as (
    select
        *,
        row_number() over (
            partition by booking_kind, customer_id
            order by starts_at, booking_id
        ) as customer_place
    from bookings
    where booking_kind in ('room', 'test_drive') and has_taken_place
),

-- Whom nobody answered has not said what they wanted.
calls as (
    select * from {{ ref('calls') }}
    where coalesce(is_answered, true)
),

locations as (
    select * from {{ ref('int_stores__locations') }}
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

purchases as (
    select * from {{ ref('int_web__purchases') }}
),

evidence as (
    select * from {{ ref('int_identity__evidence') }}
),

-- Orders that name a browser which may not be recognised.
refused as (
    select distinct record_key
    from evidence
    where blocked_reason in ('no_consent', 'consent_withdrawn')
),

order_conversions as (
    select
        orders.order_id as conversion_id,
        case when orders.order_channel = 'till' then 'till_order' else 'web_order' end as conversion_type,
        orders.order_channel,
        orders.customer_id,
        orders.store_id,
        orders.ordered_at as converted_at,
        orders.currency_code,
        -- An order without a rate is a conversion of which no money can be told.
        coalesce(orders.net_minor, 0) as value_minor,
        coalesce(orders.net_reporting_minor, 0) as value_reporting_minor,
        -- What nobody refused may be tied to whom the shop itself knows; a touch has a consent of its own.
        coalesce(orders.has_analytics_consent, purchases.has_analytics_consent, true)
        and refused.record_key is null as has_analytics_consent
    from orders
    left join purchases
        on orders.order_id = purchases.order_id
    left join refused
        on orders.record_key = refused.record_key
    where orders.is_sale
),

-- Worth nothing by themselves: the sale that a coupon was handed in with is a conversion of its own.
valueless as (
    select
        visit_id as conversion_id,
        'store_visit' as conversion_type,
        customer_id,
        store_id,
        arrived_at as converted_at,
        currency_code,
        true as has_analytics_consent
    from visits
    union all
    select
        concat('coupon:', order_id) as conversion_id,
        'coupon_redemption' as conversion_type,
        customer_id,
        store_id,
        ordered_at as converted_at,
        currency_code,
        has_analytics_consent
    from orders
    where
        order_channel = 'till'
        and coupon_code is not null
        and is_sale
    union all
    select
        booking_id as conversion_id,
        'booking' as conversion_type,
        customer_id,
        store_id,
        booked_at as converted_at,
        currency_code,
        -- Who makes an appointment says who they are; so does who asks for contact, or calls.
        true as has_analytics_consent
    from bookings
    union all
    select
        concat('lead:', leads.connection, ':', leads.lead_id) as conversion_id,
        'lead' as conversion_type,
        persons.customer_id,
        {{ as_text('null') }} as store_id,
        leads.became_lead_at as converted_at,
        '{{ var("reporting_currency") }}' as currency_code,
        true as has_analytics_consent
    from leads
    left join persons
        on leads.record_key = persons.record_key
    union all
    select
        concat('begun:', booking_id) as conversion_id,
        case
            when booking_kind = 'test_drive' then 'test_drive'
            when customer_id is not null and customer_place > 1 then 'repeat_stay'
            else 'stay'
        end as conversion_type,
        customer_id,
        store_id,
        starts_at as converted_at,
        currency_code,
        true as has_analytics_consent
    from begun
    union all
    select
        concat('deal:', sales.connection, ':', sales.deal_id) as conversion_id,
        'sale' as conversion_type,
        persons.customer_id,
        {{ as_text('null') }} as store_id,
        coalesce(sales.closed_at, sales.created_at) as converted_at,
        '{{ var("reporting_currency") }}' as currency_code,
        true as has_analytics_consent
    from sales
    left join persons
        on sales.record_key = persons.record_key
    union all
    select
        concat('call:', calls.connection, ':', calls.call_id) as conversion_id,
        'call' as conversion_type,
        persons.customer_id,
        locations.store_id,
        calls.started_at as converted_at,
        coalesce(stores.currency_code, '{{ var("reporting_currency") }}') as currency_code,
        true as has_analytics_consent
    from calls
    left join locations
        on
            {{ at_location('calls', 'calls.started_at') }}
    left join stores
        on locations.store_id = stores.store_id
    left join persons
        on calls.record_key = persons.record_key
)

select * from order_conversions
union all
select
    conversion_id,
    conversion_type,
    {{ as_text('null') }} as order_channel,
    customer_id,
    store_id,
    converted_at,
    currency_code,
    cast(0 as bigint) as value_minor,
    cast(0 as bigint) as value_reporting_minor,
    has_analytics_consent
from valueless
