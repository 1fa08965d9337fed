{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('surveymonkey', 'surveys') }}
),

parsed as (
    {{ opened('landed', {'id': 'text!', 'title': 'text', 'date_modified': 'time', 'deleted': 'flag?'}) }}
),

renamed as (
    select
        payload.id as surveymonkey_survey_id,
        payload.title as survey_name,
        coalesce({{ flag('payload.deleted') }}, false) as is_deleted,
        {{ utc('payload.date_modified') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
