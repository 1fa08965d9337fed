{#- A stream of a form's responses with their answers and hidden fields. Those that were submitted say when. -#}
{% macro form_responses(source_name, stream, is_submitted) -%}
    {%- set answer = {
        'type': 'text', 'field': {'id': 'text', 'type': 'text', 'ref': 'text'},
        'number': 'amount?', 'boolean': 'flag?', 'email': 'text', 'phone_number': 'text',
        'choice': {'label': 'text', 'other': 'text'}, 'choices': {'labels': ['text'], 'other': 'text'},
    } %}
with

landed as (
    {{ newest_per_key(source_name, stream) }}
),

parsed as (
    {{ opened('landed', {
        'token': 'text!', 'form_id': 'text!', 'landed_at': 'time?',
        'submitted_at': 'time!' if is_submitted else 'text',
        'hidden': 'map', 'answers': [answer], 'deleted': 'flag?',
    }) }}
),

renamed as (
    select
        payload.token as {{ source_name }}_response_id,
        payload.form_id as {{ source_name }}_form_id,
        payload.answers as answers,
        payload.hidden as hidden_fields,
        coalesce({{ flag('payload.deleted') }}, false) as is_deleted,
        {{ utc('payload.landed_at') }} as landed_at,
        {%- if is_submitted %}
        {{ utc('payload.submitted_at') }} as submitted_at,
        {%- endif %}
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
{%- endmacro %}
