{{ config(materialized='view') }}

with

customers as (
    select * from {{ staged('stg_adobe_commerce__customers') }}
    where not is_deleted
),

stretches as (
    select
        connection,
        adobe_commerce_customer_id,
        max(case when is_subscribed = 'yes' then ended_at end) as withdrawn_at,
        max(case when is_subscribed = 'no' then ended_at end) as subscribed_at,
        max(case when is_subscribed = 'yes' then 1 else 0 end) as was_subscribed
    from {{ ref('stg_adobe_commerce__customers__subscriptions') }}
    group by connection, adobe_commerce_customer_id
)

select
    customers.connection,
    'adobe_commerce' as source_system,
    customers._load_id,
    'customer' as record_kind,
    customers.adobe_commerce_customer_id as record_id,
    'email_marketing' as purpose,
    -- The shop tells yes or no. A no after a yes that we saw is a withdrawal; any other may be that nobody asked.
    case
        when customers.is_subscribed then 'granted'
        when stretches.was_subscribed = 1 then 'withdrawn'
        else 'unknown'
    end as consent_status,
    cast(null as boolean) as is_confirmed,
    case when customers.is_subscribed then stretches.subscribed_at else stretches.withdrawn_at end as changed_at
from customers
left join stretches
    on
        customers.connection = stretches.connection
        and customers.adobe_commerce_customer_id = stretches.adobe_commerce_customer_id
