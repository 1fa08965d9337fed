{%- set parts = ['rfm_segment', 'preferred_channel', 'consented_to'] %}

with

customers as (
    select * from {{ ref('dim_customers') }}
),

ltv as (
    select * from {{ ref('fct_customer_ltv') }}
),

placed as (
    select
        customers.*,
        case
            when customers.email_consent_status = 'granted' and customers.sms_consent_status = 'granted'
                then 'email_and_sms'
            when customers.email_consent_status = 'granted' then 'email'
            when customers.sms_consent_status = 'granted' then 'sms'
            else 'nothing'
        end as consented_to,
        ltv.predicted_value_reporting_minor
    from customers
    left join ltv
        on customers.customer_id = ltv.customer_id
),

summed as (
    select
        {{ parts | join(',\n        ') }},
        count(*) as customer_count,
        sum(case when consented_to in ('email_and_sms', 'email') then 1 else 0 end) as email_customer_count,
        sum(case when consented_to in ('email_and_sms', 'sms') then 1 else 0 end) as sms_customer_count,
        sum(order_count) as order_count,
        sum(net_reporting_minor) as net_minor,
        sum(predicted_value_reporting_minor) as predicted_minor,
        count(predicted_value_reporting_minor) as predicted_customer_count
    from placed
    group by {{ parts | join(', ') }}
),

-- What most of them are likely to want next.
wanted as (
    select
        {{ parts | join(',\n        ') }},
        next_category,
        row_number() over (
            partition by {{ parts | join(', ') }}
            order by count(*) desc, next_category asc
        ) as place
    from placed
    where next_category is not null
    group by {{ parts | join(', ') }}, next_category
)

select
    {{ hash_key([
        'summed.rfm_segment', 'summed.preferred_channel', 'summed.consented_to'
    ]) }} as segment_id,
    summed.rfm_segment,
    summed.preferred_channel,
    summed.consented_to,
    cast(summed.customer_count as bigint) as customer_count,
    cast(summed.email_customer_count as bigint) as email_customer_count,
    cast(summed.sms_customer_count as bigint) as sms_customer_count,
    cast(summed.order_count as bigint) as order_count,
    cast(summed.net_minor as bigint) as net_reporting_minor,
    {{ reporting_amount('summed.net_minor') }} as net_amount,
    {{ reporting_amount(divide_rounded('summed.net_minor', 1, 'summed.customer_count')) }} as average_value_amount,
    cast(summed.predicted_customer_count as bigint) as predicted_customer_count,
    {{ reporting_amount('summed.predicted_minor') }} as predicted_value_amount,
    wanted.next_category,
    case
        when summed.consented_to = 'nothing' then 'ask_for_consent'
        when summed.rfm_segment = 'prospect' then 'first_purchase'
        when summed.rfm_segment in ('new', 'promising') then 'next_purchase'
        when summed.rfm_segment in ('champion', 'loyal') then 'thanks'
        else 'win_back'
    end as next_message
from summed
left join wanted
    on
        summed.rfm_segment = wanted.rfm_segment
        and coalesce(summed.preferred_channel, '') = coalesce(wanted.preferred_channel, '')
        and summed.consented_to = wanted.consented_to
        and wanted.place = 1
