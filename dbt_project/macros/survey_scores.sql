{#- The answers to one kind of question by the month in which people were asked, the store and the journey, beside
    how many were asked: of the surveys that put such a question. `counts` names a condition per column. -#}
{% macro survey_scores(question_kind, counts, is_counted) -%}
answers as (
    select * from {{ ref('fct_survey_answers') }}
    where question_kind = '{{ question_kind }}' and {{ is_counted }}
),

surveys as (
    select * from {{ ref('fct_surveys') }}
),

-- Whoever was asked in a survey that puts the question was asked it.
putting as (
    select distinct
        connection,
        survey_id
    from {{ ref('survey_responses') }}
    where question_kind = '{{ question_kind }}'
),

asked as (
    select
        cast(date_trunc('month', surveys.asked_date) as date) as asked_month,
        surveys.store_id,
        surveys.journey,
        sum(case when surveys.is_invited then 1 else 0 end) as invitation_count,
        sum(case when surveys.is_invited and not surveys.is_delivered then 1 else 0 end) as undelivered_count,
        sum(case when surveys.is_invited and surveys.is_answered then 1 else 0 end) as invited_response_count,
        sum(case when surveys.is_answered then 1 else 0 end) as response_count
    from surveys
    inner join putting
        on
            surveys.connection = putting.connection
            and surveys.survey_id = putting.survey_id
    where surveys.asked_date is not null
    group by cast(date_trunc('month', surveys.asked_date) as date), surveys.store_id, surveys.journey
),

scored as (
    select
        cast(date_trunc('month', asked_date) as date) as asked_month,
        store_id,
        journey,
        count(*) as answer_count
        {%- for name, condition in counts.items() %},
        sum(case when {{ condition }} then 1 else 0 end) as {{ name }}
        {%- endfor %}
    from answers
    where asked_date is not null
    group by cast(date_trunc('month', asked_date) as date), store_id, journey
),

joined as (
    select
        asked.asked_month,
        asked.store_id,
        asked.journey,
        cast(asked.invitation_count as bigint) as invitation_count,
        cast(asked.undelivered_count as bigint) as undelivered_count,
        cast(asked.invited_response_count as bigint) as invited_response_count,
        cast(asked.response_count as bigint) as response_count,
        coalesce(scored.answer_count, 0) as answer_count
        {%- for name in counts %},
        cast(coalesce(scored.{{ name }}, 0) as bigint) as {{ name }}
        {%- endfor %}
    from asked
    left join scored
        on
            asked.asked_month = scored.asked_month
            and coalesce(asked.store_id, '') = coalesce(scored.store_id, '')
            and asked.journey = scored.journey
)
{%- endmacro %}

{#- Answers of those who were invited over those whom the invitation may have reached. -#}
{% macro response_rate() -%}
    case
        when joined.invitation_count > joined.undelivered_count
            then
                {{ exact_ratio(
                    'joined.invited_response_count', '(joined.invitation_count - joined.undelivered_count)', 6,
                    precision=9
                ) }}
    end as response_rate,
    case
        when joined.invitation_count = 0 then 'no_invitations'
        when joined.invitation_count = joined.undelivered_count then 'none_delivered'
    end as no_response_rate_reason
{%- endmacro %}
