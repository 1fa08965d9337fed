{{ config(materialized='view') }}

with

-- One answer to an invitation: the complete one, or else the newest.
responses as (
    select
        connection,
        surveymonkey_recipient_id,
        surveymonkey_response_id,
        _load_id,
        row_number() over (
            partition by connection, surveymonkey_recipient_id
            order by is_complete desc, updated_at desc, surveymonkey_response_id asc
        ) as place
    from {{ ref('base_surveymonkey__responses') }}
    where surveymonkey_recipient_id is not null
),

collectors as (
    select * from {{ staged('stg_surveymonkey__collectors') }}
)

select
    recipients.connection,
    'surveymonkey' as source_system,
    greatest(recipients._load_id, coalesce(responses._load_id, '')) as _load_id,
    recipients.surveymonkey_recipient_id as invitation_id,
    recipients.surveymonkey_survey_id as survey_id,
    {{ record_key('survey_recipient', 'recipients.surveymonkey_recipient_id', 'recipients.connection') }} as record_key,
    coalesce(
        case when collectors.collector_type in ('email', 'sms') then collectors.collector_type end,
        case when recipients.phone is not null then 'sms' else 'email' end
    ) as channel,
    recipients.sent_at as invited_at,
    responses.surveymonkey_response_id as response_id,
    case
        when recipients.mail_status = 'bounced' then false
        when
            recipients.mail_status in ('opened', 'link_clicked', 'opted_out')
            or responses.surveymonkey_response_id is not null
            then true
    end as is_delivered
from {{ staged('stg_surveymonkey__recipients') }} as recipients
left join responses
    on
        recipients.connection = responses.connection
        and recipients.surveymonkey_recipient_id = responses.surveymonkey_recipient_id
        and responses.place = 1
left join collectors
    on
        recipients.connection = collectors.connection
        and recipients.surveymonkey_collector_id = collectors.surveymonkey_collector_id
where coalesce(recipients.mail_status, '') <> 'not_sent'
