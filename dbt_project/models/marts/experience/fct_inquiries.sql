with

leads as (
    select * from {{ ref('leads') }}
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

bookings as (
    select * from {{ ref('int_stores__all_bookings') }}
),

inquiries as (
    select
        concat('lead:', leads.connection, ':', leads.lead_id) as inquiry_id,
        leads.connection,
        leads.source_system,
        persons.customer_id,
        leads.became_lead_at,
        leads.lead_source,
        leads.lead_status,
        leads.converted_at
    from leads
    left join persons
        on leads.record_key = persons.record_key
),

-- What somebody books first after asking is what the inquiry led to, whatever becomes of it.
led_to as (
    select
        inquiries.inquiry_id,
        bookings.booking_id,
        bookings.booked_at,
        row_number() over (
            partition by inquiries.inquiry_id order by bookings.booked_at, bookings.booking_id
        ) as place
    from inquiries
    inner join bookings
        on
            inquiries.customer_id = bookings.customer_id
            and {{ seconds_between('inquiries.became_lead_at', 'bookings.booked_at') }}
            between 0 and {{ var('inquiry_booking_days') }} * 86400
)

select
    inquiries.inquiry_id,
    inquiries.connection,
    inquiries.source_system,
    inquiries.customer_id,
    inquiries.became_lead_at as inquired_at,
    {{ local_date('inquiries.became_lead_at', "'" ~ var('reporting_time_zone') ~ "'") }} as inquired_date,
    inquiries.lead_source as inquiry_source,
    inquiries.lead_status as inquiry_status,
    inquiries.converted_at,
    led_to.booking_id
from inquiries
left join led_to
    on inquiries.inquiry_id = led_to.inquiry_id and led_to.place = 1
where inquiries.became_lead_at is not null
