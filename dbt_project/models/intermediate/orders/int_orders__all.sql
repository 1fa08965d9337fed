with

web_orders as (
    select * from {{ ref('int_orders__web') }}
),

till_orders as (
    select * from {{ ref('int_orders__till') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

unioned as (
    select * from web_orders
    union all
    select * from till_orders
),

joined as (
    select
        unioned.*,
        persons.customer_id,
        {{ local_date('unioned.ordered_at', 'unioned.time_zone') }} as order_date,
        unioned.total_minor - unioned.refunded_minor as net_minor,
        unioned.total_reporting_minor - unioned.refunded_reporting_minor as net_reporting_minor,
        unioned.refunded_minor > 0 as is_returned
    from unioned
    left join persons
        on
            unioned.record_type = persons.record_type
            and unioned.source_order_id = persons.record_id
)

select * from joined
