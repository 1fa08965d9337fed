-- Every customer is in one segment, and nobody without consent is counted as reachable.
with

customers as (
    select
        count(*) as customer_count,
        sum(case when email_consent_status = 'granted' then 1 else 0 end) as email_customer_count,
        sum(case when sms_consent_status = 'granted' then 1 else 0 end) as sms_customer_count
    from {{ ref('dim_customers') }}
),

segments as (
    select
        coalesce(sum(customer_count), 0) as customer_count,
        coalesce(sum(email_customer_count), 0) as email_customer_count,
        coalesce(sum(sms_customer_count), 0) as sms_customer_count
    from {{ ref('rpt_segments') }}
)

select customers.customer_count
from customers
cross join segments
where
    customers.customer_count <> segments.customer_count
    or coalesce(customers.email_customer_count, 0) <> segments.email_customer_count
    or coalesce(customers.sms_customer_count, 0) <> segments.sms_customer_count
