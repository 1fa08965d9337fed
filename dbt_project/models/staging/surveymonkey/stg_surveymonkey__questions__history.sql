{{ entity_stream('surveymonkey_survey_id') }}

{%- set choice = {'id': 'text', 'text': 'text', 'weight': 'whole?', 'position': 'whole?', 'is_na': 'flag?'} %}
{%- set row = {'id': 'text', 'text': 'text', 'position': 'whole?'} %}
{%- set question = {
    'id': 'text', 'family': 'text', 'subtype': 'text', 'headings': [{'heading': 'text'}],
    'display_options': {
        'display_type': 'text', 'display_subtype': 'text',
        'custom_options': {'option_sets': 'text'},
    },
    'answers': {'rows': [row], 'choices': [choice]},
    'validation': {'min': 'amount?', 'max': 'amount?'},
} %}

with

landed as (
    {{ versions_per_key('surveymonkey', 'surveys') }}
),

parsed as (
    {{ opened('landed', {'id': 'text!', 'pages': [{'questions': [question]}]}) }}
),

pages as (
    select
        connection,
        payload.id as surveymonkey_survey_id,
        recency,
        _load_id,
        _extracted_at,
        {{ explode('payload.pages') }} as page
    from parsed
    where {{ is_sound() }}
),

questions as (
    select
        connection,
        surveymonkey_survey_id,
        recency,
        _load_id,
        _extracted_at,
        {{ explode('page.questions') }} as question
    from pages
),

-- A question that was taken out of its survey is known from when it was there.
newest as (
    select
        *,
        row_number() over (
            partition by connection, surveymonkey_survey_id, question.id order by recency, question.family
        ) as place
    from questions
    where question.id is not null
),

renamed as (
    select
        surveymonkey_survey_id,
        question.id as surveymonkey_question_id,
        question.family as family,
        question.subtype as subtype,
        question.display_options.display_type as display_type,
        {{ first_element('question.headings') }}.heading as question_name,
        question.answers.rows as answer_rows,
        question.answers.choices as choices,
        {{ whole('question.validation.min') }} as lowest,
        {{ whole('question.validation.max') }} as highest,
        recency = 1 as is_asked,
        connection,
        _load_id,
        _extracted_at
    from newest
    where place = 1
)

{{ staged_entities('renamed', 'surveymonkey_survey_id') }}
