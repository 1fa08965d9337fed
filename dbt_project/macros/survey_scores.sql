{#- The answers to one kind of question by the month in which people were asked, the store and the journey, beside
    how many were invited: of the surveys that put such a question. `counts` names a condition per column. -#}
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
        surveys.*,
        cast(date_trunc('month', surveys.asked_date) as date) as asked_month
    from surveys
    inner join putting
        on
            surveys.connection = putting.connection
            and surveys.survey_id = putting.survey_id
    where surveys.asked_date is not null
),

-- What an invitation was about is told in one way for those who answered and those who did not, or the rate would be
-- of different people.
invited as (
    select
        asked_month,
        coalesce(invited_store_id, '') as store_id,
        invited_journey as journey,
        count(*) as invitation_count,
        sum(case when not is_delivered then 1 else 0 end) as undelivered_count,
        sum(case when is_answered then 1 else 0 end) as invited_response_count
    from asked
    where is_invited
    group by asked_month, coalesce(invited_store_id, ''), invited_journey
),

responded as (
    select
        asked_month,
        coalesce(store_id, '') as store_id,
        journey,
        count(*) as response_count
    from asked
    where is_answered
    group by asked_month, coalesce(store_id, ''), journey
),

scored as (
    select
        cast(date_trunc('month', asked_date) as date) as asked_month,
        coalesce(store_id, '') as store_id,
        journey,
        count(*) as answer_count
        {%- for name, condition in counts.items() %},
        sum(case when {{ condition }} then 1 else 0 end) as {{ name }}
        {%- endfor %}
    from answers
    where asked_date is not null
    group by cast(date_trunc('month', asked_date) as date), coalesce(store_id, ''), journey
),

spine as (
    select
        asked_month,
        store_id,
        journey
    from invited
    union
    select
        asked_month,
        store_id,
        journey
    from responded
),

joined as (
    select
        spine.asked_month,
        nullif(spine.store_id, '') as store_id,
        spine.journey,
        coalesce(invited.invitation_count, 0) as invitation_count,
        cast(coalesce(invited.undelivered_count, 0) as bigint) as undelivered_count,
        cast(coalesce(invited.invited_response_count, 0) as bigint) as invited_response_count,
        coalesce(responded.response_count, 0) as response_count,
        coalesce(scored.answer_count, 0) as answer_count
        {%- for name in counts %},
        cast(coalesce(scored.{{ name }}, 0) as bigint) as {{ name }}
        {%- endfor %}
    from spine
    {%- for part in ['invited', 'responded', 'scored'] %}
    left join {{ part }}
        on
            spine.asked_month = {{ part }}.asked_month
            and spine.store_id = {{ part }}.store_id
            and spine.journey = {{ part }}.journey
    {%- endfor %}
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
