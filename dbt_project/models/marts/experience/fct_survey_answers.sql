with

answers as (
    select * from {{ ref('survey_responses') }}
    where score is not null
),

surveys as (
    select * from {{ ref('fct_surveys') }}
    where is_answered
),

scaled as (
    select
        answers.connection,
        answers.question_id,
        answers.question_kind,
        answers.question_name,
        answers.score,
        answers.score_lowest,
        answers.score_highest,
        surveys.survey_entry_id,
        surveys.survey_id,
        surveys.store_id,
        surveys.journey,
        surveys.asked_date,
        surveys.responded_date,
        -- A score off its scale is a mistake of the survey, not a high one.
        case
            when
                answers.score_highest > answers.score_lowest
                and answers.score between answers.score_lowest and answers.score_highest
                then cast(answers.score_highest - answers.score_lowest as decimal(10, 3))
        end as scale
    from answers
    inner join surveys
        on
            answers.connection = surveys.connection
            and answers.response_id = surveys.response_id
)

select
    {{ hash_key(['survey_entry_id', 'question_id']) }} as survey_answer_id,
    survey_entry_id,
    connection,
    survey_id,
    question_id,
    question_name,
    question_kind,
    store_id,
    journey,
    asked_date,
    responded_date,
    score,
    score_lowest,
    score_highest,
    case
        when scale is not null
            then
                {{ exact_ratio(
                    'cast((score - score_lowest) * 1000 as bigint)', 'cast(scale * 1000 as bigint)', 6, precision=9
                ) }}
    end as score_share,
    -- A recommendation is asked from 0 to 10, now and then from 1; on another scale nobody is a promoter.
    case
        when question_kind <> 'nps' or scale is null or score_highest <> 10 or score_lowest not in (0, 1) then null
        when score >= 9 then 'promoter'
        when score >= 7 then 'passive'
        else 'detractor'
    end as nps_group,
    -- The upper two of four boxes or more; of fewer the upper one, or the middle would be content.
    case
        when question_kind = 'csat' and scale >= 3 then score >= score_highest - 1
        when question_kind = 'csat' and scale is not null then score >= score_highest
    end as is_satisfied
from scaled
