-- Every booking, inquiry, invitation, answer and session is there once, and the reports over them count what they
-- hold. A sale is no more than one booking's.
with

tests as (
    select distinct
        connection,
        response_id
    from {{ ref('survey_responses') }}
    where is_test
),

booked as (
    select
        count(*) as bookings,
        sum(case when booked_date is not null then 1 else 0 end) as dated,
        sum(case when booked_date is not null then revenue_amount else 0 end) as revenue,
        sum(order_count) as orders,
        sum(inquiry_count) as inquiries
    from {{ ref('fct_bookings') }}
),

funnel as (
    select
        sum(cancelled_count + ahead_count + no_show_count + showed_count + unknown_count) as bookings,
        sum(revenue_amount) as revenue
    from {{ ref('rpt_booking_funnel') }}
),

source_bookings as (
    select count(*) as bookings
    from {{ ref('bookings') }}
),

sales as (
    select count(*) as sales
    from {{ ref('int_orders__all') }}
    where is_sale and customer_id is not null
),

inquiries as (
    select count(booking_id) as booked
    from {{ ref('fct_inquiries') }}
),

source_answers as (
    select count(*) as answers
    from {{ ref('survey_responses') }}
    where score is not null and not coalesce(is_test, false)
),

answers as (
    select
        count(*) as answers,
        sum(case when nps_group is not null and asked_date is not null then 1 else 0 end) as recommendations,
        sum(case when is_satisfied is not null and asked_date is not null then 1 else 0 end) as satisfactions
    from {{ ref('fct_survey_answers') }}
),

recommendations as (
    select sum(promoter_count + passive_count + detractor_count) as answers
    from {{ ref('rpt_nps') }}
),

satisfactions as (
    select sum(answer_count) as answers
    from {{ ref('rpt_csat') }}
),

source_invitations as (
    select count(*) as invitations
    from {{ ref('survey_invitations') }} as invitations
    left join tests
        on
            invitations.connection = tests.connection
            and invitations.response_id = tests.response_id
    where tests.response_id is null
),

invitations as (
    select count(*) as invitations
    from {{ ref('fct_surveys') }}
    where is_invited
),

source_sessions as (
    select count(*) as sessions
    from {{ ref('int_web__sessions') }}
    where excluded_reason is null
),

sessions as (
    select count(*) as sessions
    from {{ ref('fct_web_sessions') }}
)

select
    booked.bookings,
    booked.orders,
    booked.inquiries,
    answers.answers,
    invitations.invitations,
    sessions.sessions
from booked
cross join funnel
cross join source_bookings
cross join sales
cross join inquiries
cross join source_answers
cross join answers
cross join recommendations
cross join satisfactions
cross join source_invitations
cross join invitations
cross join source_sessions
cross join sessions
where
    booked.bookings <> source_bookings.bookings
    or coalesce(booked.dated, 0) <> coalesce(funnel.bookings, 0)
    or coalesce(booked.revenue, 0) <> coalesce(funnel.revenue, 0)
    or coalesce(booked.orders, 0) > sales.sales
    or coalesce(booked.inquiries, 0) <> inquiries.booked
    or answers.answers <> source_answers.answers
    or coalesce(answers.recommendations, 0) <> coalesce(recommendations.answers, 0)
    or coalesce(answers.satisfactions, 0) <> coalesce(satisfactions.answers, 0)
    or invitations.invitations <> source_invitations.invitations
    or sessions.sessions <> source_sessions.sessions
