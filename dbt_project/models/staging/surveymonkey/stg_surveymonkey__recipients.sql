{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('surveymonkey', 'recipients') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'survey_id': 'text!', 'collector_id': 'text!', 'sent_at': 'time!', 'email': 'text',
        'phone_number': 'text', 'mail_status': 'text', 'survey_response_status': 'text',
    }) }}
),

renamed as (
    select
        payload.id as surveymonkey_recipient_id,
        payload.survey_id as surveymonkey_survey_id,
        payload.collector_id as surveymonkey_collector_id,
        payload.email as email,
        payload.phone_number as phone,
        payload.mail_status as mail_status,
        payload.survey_response_status as response_status,
        {{ utc('payload.sent_at') }} as sent_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
