{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('surveymonkey', 'collectors') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'survey_id': 'text!', 'type': 'text', 'name': 'text', 'date_created': 'time?',
    }) }}
),

renamed as (
    select
        payload.id as surveymonkey_collector_id,
        payload.survey_id as surveymonkey_survey_id,
        payload.type as collector_type,
        payload.name as collector_name,
        {{ utc('payload.date_created') }} as created_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
