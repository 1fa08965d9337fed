{%- set purposes = {'email': 'email_marketing', 'sms': 'sms_marketing'} %}
{%- set uses = {'analytics': 'has_analytics_consent', 'ads': 'has_ads_consent'} %}

with

consents as (
    select * from {{ ref('consents') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

sessions as (
    select * from {{ ref('int_web__sessions') }}
),

said as (
    select
        persons.customer_id,
        consents.purpose,
        consents.consent_status,
        consents.changed_at
    from consents
    inner join persons
        on
            consents.connection = persons.connection
            and consents.record_kind = persons.record_kind
            and consents.record_id = persons.record_id
),

-- A grant stands until a record of the same person takes it back, and one of which nobody knows when does so, too.
by_purpose as (
    select
        customer_id,
        purpose,
        max(case when consent_status = 'granted' then coalesce(changed_at, timestamp '1900-01-01 00:00:00') end)
            as granted_at,
        max(case
            when consent_status in ('refused', 'withdrawn')
                then coalesce(changed_at, timestamp '9999-12-31 00:00:00')
        end) as refused_at,
        max(case when consent_status = 'pending' then 1 else 0 end) as is_pending
    from said
    group by customer_id, purpose
),

-- What a browser was allowed, when it was last asked.
newest_answers as (
    {%- for use, column in uses.items() %}
    select
        customer_id,
        '{{ use }}' as purpose,
        is_granted
    from (
        select
            persons.customer_id,
            sessions.{{ column }} as is_granted,
            row_number() over (
                partition by persons.customer_id
                order by sessions.started_at desc, sessions.session_id asc
            ) as place
        from sessions
        inner join persons
            on sessions.record_key = persons.record_key
        where sessions.{{ column }} is not null
    ) as numbered
    where place = 1
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

statuses as (
    select
        customer_id,
        purpose,
        case
            when granted_at > coalesce(refused_at, timestamp '1899-12-31 00:00:00') then 'granted'
            when refused_at is not null then 'refused'
            when is_pending = 1 then 'pending'
            else 'unknown'
        end as consent_status
    from by_purpose
    union all
    select
        customer_id,
        purpose,
        case when is_granted then 'granted' else 'refused' end as consent_status
    from newest_answers
)

select
    customer_id,
    {%- for name, purpose in purposes.items() %}
    coalesce(max(case when purpose = '{{ purpose }}' then consent_status end), 'unknown')
        as {{ name }}_consent_status,
    {%- endfor %}
    {%- for use in uses %}
    coalesce(max(case when purpose = '{{ use }}' then consent_status end), 'unknown') as {{ use }}_consent_status,
    {%- endfor %}
    coalesce(max(case when purpose = 'profiling' then consent_status end), 'unknown') as profiling_consent_status
from statuses
group by customer_id
