{{ entity_stream('typeform_form_id') }}

{%- set scale = {'steps': 'whole?', 'start_at_one': 'flag?'} %}
{%- set inner = {'id': 'text', 'ref': 'text', 'type': 'text', 'title': 'text', 'properties': scale} %}
{%- set field = {
    'id': 'text', 'ref': 'text', 'type': 'text', 'title': 'text',
    'properties': {'steps': 'whole?', 'start_at_one': 'flag?', 'fields': [inner]},
} %}

with

landed as (
    {{ versions_per_key('typeform', 'forms') }}
),

parsed as (
    {{ opened('landed', {'id': 'text!', 'definition': {'fields': [field]}}) }}
),

fields as (
    select
        connection,
        payload.id as typeform_form_id,
        recency,
        _load_id,
        _extracted_at,
        {{ explode('payload.definition.fields') }} as field
    from parsed
    where {{ is_sound() }}
),

-- Groups, matrices and contact details hold questions of their own.
nested as (
    select
        connection,
        typeform_form_id,
        recency,
        _load_id,
        _extracted_at,
        {{ explode('field.properties.fields') }} as field
    from fields
),

questions as (
    {%- for part in ['fields', 'nested'] %}
    select
        connection,
        typeform_form_id,
        field.id as typeform_field_id,
        field.ref as field_ref,
        field.type as field_type,
        field.title as question_name,
        {{ whole('field.properties.steps') }} as steps,
        coalesce({{ flag('field.properties.start_at_one') }}, false) as is_from_one,
        recency,
        _load_id,
        _extracted_at
    from {{ part }}
    where field.id is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- A question that was taken out of its form is known from when it was there.
newest as (
    select
        *,
        row_number() over (
            partition by connection, typeform_form_id, typeform_field_id order by recency, question_name
        ) as place
    from questions
),

renamed as (
    select
        typeform_form_id,
        typeform_field_id,
        field_ref,
        field_type,
        question_name,
        steps,
        is_from_one,
        recency = 1 as is_asked,
        connection,
        _load_id,
        _extracted_at
    from newest
    where place = 1
)

{{ staged_entities('renamed', 'typeform_form_id') }}
