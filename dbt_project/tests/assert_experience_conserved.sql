-- Every booking, invitation, answer and session is there once, and the reports over them count what they hold. A sale
-- is no more than one booking's.
with

counted as (
    select
        'bookings' as what,
        (select count(*) from {{ ref('bookings') }}) as expected,
        (select count(*) from {{ ref('fct_bookings') }}) as found
    union all
    select
        'funnel' as what,
        (select count(*) from {{ ref('fct_bookings') }} where booked_date is not null) as expected,
        (
            select
                coalesce(sum(cancelled_count + ahead_count + no_show_count + showed_count + unknown_count), 0)
            from {{ ref('rpt_booking_funnel') }}
        ) as found
    union all
    select
        'revenue of bookings' as what,
        (select coalesce(sum(revenue_amount), 0) from {{ ref('fct_bookings') }} where booked_date is not null)
            as expected,
        (select coalesce(sum(revenue_amount), 0) from {{ ref('rpt_booking_funnel') }}) as found
    union all
    select
        'sales of one booking' as what,
        0 as expected,
        (
            select greatest(
                (select coalesce(sum(order_count), 0) from {{ ref('fct_bookings') }})
                - (select count(*) from {{ ref('int_orders__all') }} where is_sale and customer_id is not null),
                0
            )
        ) as found
    union all
    select
        'inquiries' as what,
        (select count(*) from {{ ref('fct_inquiries') }} where booking_id is not null) as expected,
        (select coalesce(sum(inquiry_count), 0) from {{ ref('fct_bookings') }}) as found
    union all
    select
        'answers' as what,
        (
            select count(*) from {{ ref('survey_responses') }}
            where score is not null and not coalesce(is_test, false)
        ) as expected,
        (select count(*) from {{ ref('fct_survey_answers') }}) as found
    union all
    select
        'recommendations' as what,
        (
            select count(*) from {{ ref('fct_survey_answers') }}
            where nps_group is not null and asked_date is not null
        ) as expected,
        (
            select coalesce(sum(promoter_count + passive_count + detractor_count), 0)
            from {{ ref('rpt_nps') }}
        ) as found
    union all
    select
        'satisfaction' as what,
        (
            select count(*) from {{ ref('fct_survey_answers') }}
            where is_satisfied is not null and asked_date is not null
        ) as expected,
        (select coalesce(sum(answer_count), 0) from {{ ref('rpt_csat') }}) as found
    union all
    select
        'invitations' as what,
        (
            select count(*)
            from {{ ref('survey_invitations') }} as invitations
            left join (
                select distinct
                    connection,
                    response_id
                from {{ ref('survey_responses') }}
                where is_test
            ) as tests
                on
                    invitations.connection = tests.connection
                    and invitations.response_id = tests.response_id
            where tests.response_id is null
        ) as expected,
        (select count(*) from {{ ref('fct_surveys') }} where is_invited) as found
    union all
    select
        'sessions' as what,
        (select count(*) from {{ ref('int_web__sessions') }} where excluded_reason is null) as expected,
        (select count(*) from {{ ref('fct_web_sessions') }}) as found
)

select * from counted
where expected <> found
