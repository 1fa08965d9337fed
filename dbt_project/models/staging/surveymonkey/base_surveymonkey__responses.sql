{{ config(materialized='table') }}

with

responses as (
    select * from {{ staged('stg_surveymonkey__responses') }}
    where not is_deleted
),

context as (
    {{ survey_context('responses', 'surveymonkey_response_id', 'custom_variables') }}
),

collectors as (
    select * from {{ staged('stg_surveymonkey__collectors') }}
)

select
    responses.connection,
    responses._load_id,
    responses.surveymonkey_survey_id,
    responses.surveymonkey_response_id,
    responses.surveymonkey_recipient_id,
    responses.pages,
    responses.response_status = 'completed' as is_complete,
    -- Whoever was turned away, or came when enough had answered, has not answered.
    responses.response_status in ('disqualified', 'overquota') as is_turned_away,
    coalesce(responses.collection_mode in ('preview', 'survey_preview'), false)
    or coalesce(lower(context.test) not in ('false', '0', 'no'), false) as is_test,
    responses.started_at,
    responses.updated_at,
    context.order_name,
    context.store_code,
    context.customer_id,
    coalesce(responses.email, context.email) as email,
    coalesce(responses.phone, context.phone) as phone,
    case
        when collectors.collector_type in ('email', 'sms') then collectors.collector_type
        when lower(context.channel) in ('email', 'sms', 'web', 'app', 'kiosk') then lower(context.channel)
        when collectors.collector_type like 'popup%' or collectors.collector_type = 'embedded_survey' then 'web'
        else 'link'
    end as channel
from responses
left join context
    on
        responses.connection = context.connection
        and responses.surveymonkey_response_id = context.surveymonkey_response_id
left join collectors
    on
        responses.connection = collectors.connection
        and responses.surveymonkey_collector_id = collectors.surveymonkey_collector_id
