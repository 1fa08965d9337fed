{{ config(materialized='view') }}

with

responses as (
    select
        *,
        {{ explode('answers') }} as answer
    from {{ ref('base_typeform__responses') }}
),

-- One answer to a question, should a form ever tell two.
answers as (
    select
        *,
        row_number() over (
            partition by connection, typeform_response_id, answer.field.id order by answer.type, answer.number
        ) as place
    from responses
    where answer.field.id is not null
),

forms as (
    select * from {{ staged('stg_typeform__forms') }}
),

questions as (
    select * from {{ ref('stg_typeform__questions__history') }}
),

kinds as (
    {{ survey_questions() }}
),

joined as (
    select
        answers.*,
        forms.form_name,
        questions.question_name,
        coalesce(answers.answer.field.type, questions.field_type) as field_type,
        questions.steps,
        questions.is_from_one,
        coalesce(by_id.question_kind, by_ref.question_kind) as said_kind
    from answers
    left join forms
        on answers.connection = forms.connection and answers.typeform_form_id = forms.typeform_form_id
    left join questions
        on
            answers.connection = questions.connection
            and answers.typeform_form_id = questions.typeform_form_id
            and answers.answer.field.id = questions.typeform_field_id
    left join kinds as by_id
        on
            answers.connection = by_id.connection
            and answers.typeform_form_id = by_id.survey_id
            and answers.answer.field.id = by_id.question_id
    left join kinds as by_ref
        on
            answers.connection = by_ref.connection
            and answers.typeform_form_id = by_ref.survey_id
            and answers.answer.field.ref = by_ref.question_id
    where answers.place = 1
),

scaled as (
    select
        *,
        field_type in ('opinion_scale', 'rating', 'nps') as has_scale,
        -- A scale begins at 0 unless the form says otherwise; stars begin at 1.
        case when field_type = 'rating' or (is_from_one and field_type = 'opinion_scale') then 1 else 0 end as lowest
    from joined
)

select
    connection,
    'typeform' as source_system,
    _load_id,
    typeform_response_id as response_id,
    typeform_form_id as survey_id,
    form_name as survey_name,
    answer.field.id as question_id,
    case
        when said_kind is not null then said_kind
        when field_type = 'nps' then 'nps'
        when field_type in ('opinion_scale', 'rating') then 'rating'
        when field_type in ('multiple_choice', 'picture_choice', 'dropdown', 'yes_no', 'legal') then 'choice'
        when field_type in ('short_text', 'long_text', 'email', 'phone_number', 'website') then 'text'
        else 'other'
    end as question_kind,
    question_name,
    case when has_scale then {{ score('answer.number') }} end as score,
    case when has_scale then {{ score('lowest') }} end as score_lowest,
    case
        when field_type = 'nps' then {{ score('10') }}
        when has_scale then {{ score('lowest + steps - 1') }}
    end as score_highest,
    coalesce(
        answer.choice.label,
        nullif({{ joined_elements('answer.choices.labels', "'; '") }}, ''),
        -- What they wrote instead stays in landing.
        case when coalesce(answer.choice.other, answer.choices.other) is not null then 'other' end,
        case when field_type in ('yes_no', 'legal') then answer.boolean end
    ) as answer_label,
    case
        when coalesce(email, phone, customer_id, order_name) is not null
            then {{ record_key('survey_response', 'typeform_response_id') }}
    end as record_key,
    order_name,
    case when store_code is not null then 'survey' end as location_kind,
    store_code as location_id,
    case when channel in ('email', 'sms', 'web', 'app', 'kiosk') then channel else 'link' end as channel,
    landed_at as started_at,
    submitted_at,
    is_complete,
    is_test
from scaled
