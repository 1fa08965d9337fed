{{ entity_stream() }}

{%- set answer = {'choice_id': 'text', 'row_id': 'text', 'col_id': 'text', 'other_id': 'text', 'text': 'text'} %}

with

landed as (
    {{ newest_per_key('surveymonkey', 'responses') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'survey_id': 'text!', 'collector_id': 'text', 'recipient_id': 'text', 'response_status': 'text',
        'collection_mode': 'text', 'email_address': 'text', 'date_created': 'time?', 'date_modified': 'time!',
        'metadata': {'contact': {'email': {'value': 'text'}, 'phone': {'value': 'text'}}},
        'custom_variables': 'map', 'pages': [{'questions': [{'id': 'text', 'answers': [answer]}]}],
        'deleted': 'flag?',
    }) }}
),

renamed as (
    select
        payload.id as surveymonkey_response_id,
        payload.survey_id as surveymonkey_survey_id,
        payload.collector_id as surveymonkey_collector_id,
        -- Of collectors that are sent to nobody it is 0.
        nullif(nullif(payload.recipient_id, '0'), '') as surveymonkey_recipient_id,
        payload.response_status as response_status,
        payload.collection_mode as collection_mode,
        coalesce(payload.metadata.contact.email.value, payload.email_address) as email,
        payload.metadata.contact.phone.value as phone,
        payload.custom_variables as custom_variables,
        payload.pages as pages,
        coalesce({{ flag('payload.deleted') }}, false) as is_deleted,
        {{ utc('payload.date_created') }} as started_at,
        {{ utc('payload.date_modified') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
