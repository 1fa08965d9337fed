{{ config(materialized='view') }}

with

responses as (
    select
        *,
        {{ explode('pages') }} as page
    from {{ ref('base_surveymonkey__responses') }}
    where not coalesce(is_turned_away, false)
),

asked as (
    select
        *,
        {{ explode('page.questions') }} as question
    from responses
),

-- A matrix has an answer in each of its rows; of several ticks each is one.
answers as (
    select
        *,
        question.id as asked_id,
        {{ explode('question.answers') }} as answer
    from asked
    where question.id is not null
),

surveys as (
    select * from {{ staged('stg_surveymonkey__surveys') }}
),

questions as (
    select * from {{ ref('stg_surveymonkey__questions__history') }}
),

choices as (
    select
        connection,
        surveymonkey_survey_id,
        surveymonkey_question_id,
        {{ explode('choices') }} as choice
    from questions
),

scales as (
    select
        connection,
        surveymonkey_survey_id,
        surveymonkey_question_id,
        min({{ whole('choice.weight') }}) as lowest,
        max({{ whole('choice.weight') }}) as highest,
        min({{ whole('choice.position') }}) as first_position,
        count(*) as choice_count,
        -- Net Promoter: eleven choices that weigh nothing but -100, 0 and 100.
        count(*) = 11 and min({{ whole('choice.weight') }}) = -100 and max({{ whole('choice.weight') }}) = 100
        and count(distinct choice.weight) = 3 as is_nps
    from choices
    where not coalesce({{ flag('choice.is_na') }}, false)
    group by connection, surveymonkey_survey_id, surveymonkey_question_id
),

kinds as (
    {{ survey_questions() }}
),

matched as (
    select
        answers.connection,
        answers._load_id,
        answers.surveymonkey_survey_id,
        answers.surveymonkey_response_id,
        answers.asked_id,
        answers.answer.row_id as row_id,
        answers.answer.col_id as col_id,
        answers.answer.other_id is not null as is_other,
        {{ whole('answers.answer.text') }} as written_number,
        choices.choice.text as choice_text,
        coalesce({{ flag('choices.choice.is_na') }}, false) as is_na,
        {{ whole('choices.choice.weight') }} as weight,
        {{ whole('choices.choice.position') }} as choice_position
    from answers
    left join choices
        on
            answers.connection = choices.connection
            and answers.surveymonkey_survey_id = choices.surveymonkey_survey_id
            and answers.asked_id = choices.surveymonkey_question_id
            and answers.answer.choice_id = choices.choice.id
),

-- One row per question, and per row of a matrix that has several.
grouped as (
    select
        matched.connection,
        matched.surveymonkey_survey_id,
        matched.surveymonkey_response_id,
        matched.asked_id,
        case when {{ element_count('questions.answer_rows') }} > 1 then matched.row_id end as row_id,
        max(matched._load_id) as _load_id,
        max(matched.written_number) as written_number,
        max(case when not matched.is_na then matched.weight end) as weight,
        max(case when not matched.is_na then matched.choice_position end) as choice_position,
        {{ joined_in_order(
            "case when not matched.is_na then coalesce(nullif(matched.choice_text, ''), case when matched.is_other then 'other' end) end",
            ['matched.choice_position', 'matched.choice_text'], '; '
        ) }} as answer_label
    from matched
    left join questions
        on
            matched.connection = questions.connection
            and matched.surveymonkey_survey_id = questions.surveymonkey_survey_id
            and matched.asked_id = questions.surveymonkey_question_id
    group by
        matched.connection, matched.surveymonkey_survey_id, matched.surveymonkey_response_id, matched.asked_id,
        case when {{ element_count('questions.answer_rows') }} > 1 then matched.row_id end
),

joined as (
    select
        grouped.*,
        surveys.survey_name,
        questions.question_name,
        questions.family,
        questions.subtype,
        coalesce(scales.is_nps, false) as is_nps,
        questions.family = 'matrix' and questions.subtype = 'rating' as is_rating,
        questions.family = 'open_ended' and questions.display_type = 'slider' as is_slider,
        scales.lowest,
        scales.highest,
        scales.first_position,
        questions.lowest as slider_lowest,
        questions.highest as slider_highest,
        kinds.question_kind as said_kind
    from grouped
    left join surveys
        on
            grouped.connection = surveys.connection
            and grouped.surveymonkey_survey_id = surveys.surveymonkey_survey_id
    left join questions
        on
            grouped.connection = questions.connection
            and grouped.surveymonkey_survey_id = questions.surveymonkey_survey_id
            and grouped.asked_id = questions.surveymonkey_question_id
    left join scales
        on
            grouped.connection = scales.connection
            and grouped.surveymonkey_survey_id = scales.surveymonkey_survey_id
            and grouped.asked_id = scales.surveymonkey_question_id
    left join kinds
        on
            grouped.connection = kinds.connection
            and grouped.surveymonkey_survey_id = kinds.survey_id
            and grouped.asked_id = kinds.question_id
)

select
    joined.connection,
    'surveymonkey' as source_system,
    greatest(joined._load_id, responses._load_id) as _load_id,
    joined.surveymonkey_response_id as response_id,
    joined.surveymonkey_survey_id as survey_id,
    joined.survey_name,
    joined.asked_id || coalesce(':' || joined.row_id, '') as question_id,
    case
        when joined.said_kind is not null then joined.said_kind
        when joined.is_nps then 'nps'
        when joined.is_rating or joined.is_slider then 'rating'
        when joined.family in ('single_choice', 'multiple_choice', 'matrix') then 'choice'
        when joined.family in ('open_ended', 'demographic', 'datetime') then 'text'
        else 'other'
    end as question_kind,
    joined.question_name,
    case
        -- Its weights count promoters and detractors; what was said is the place on the scale.
        when joined.is_nps then {{ score('joined.choice_position - joined.first_position') }}
        when joined.is_rating then {{ score('joined.weight') }}
        when joined.is_slider then {{ score('joined.written_number') }}
    end as score,
    case
        when joined.is_nps then {{ score('0') }}
        when joined.is_rating then {{ score('joined.lowest') }}
        when joined.is_slider then {{ score('joined.slider_lowest') }}
    end as score_lowest,
    case
        when joined.is_nps then {{ score('10') }}
        when joined.is_rating then {{ score('joined.highest') }}
        when joined.is_slider then {{ score('joined.slider_highest') }}
    end as score_highest,
    case when not joined.is_nps and not joined.is_rating then nullif(joined.answer_label, '') end as answer_label,
    case
        when responses.surveymonkey_recipient_id is not null
            then {{ record_key('survey_recipient', 'responses.surveymonkey_recipient_id', 'responses.connection') }}
        when coalesce(responses.email, responses.phone, responses.customer_id, responses.order_name) is not null
            then {{ record_key('survey_response', 'responses.surveymonkey_response_id', 'responses.connection') }}
    end as record_key,
    responses.order_name,
    case when responses.store_code is not null then 'survey' end as location_kind,
    responses.store_code as location_id,
    responses.channel,
    responses.started_at,
    responses.updated_at as submitted_at,
    responses.is_complete,
    responses.is_test
from joined
inner join {{ ref('base_surveymonkey__responses') }} as responses
    on
        joined.connection = responses.connection
        and joined.surveymonkey_response_id = responses.surveymonkey_response_id
        and joined.surveymonkey_survey_id = responses.surveymonkey_survey_id
