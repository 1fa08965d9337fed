{{ config(materialized='view') }}

with

invitees as (
    select * from {{ staged('stg_calendly__invitees') }}
),

events as (
    select * from {{ staged('stg_calendly__scheduled_events') }}
)

select
    invitees.connection,
    'calendly' as source_system,
    greatest(invitees._load_id, coalesce(events._load_id, invitees._load_id)) as _load_id,
    invitees.calendly_invitee_id as booking_id,
    {{ record_key('booking', 'invitees.calendly_invitee_id', 'invitees.connection') }} as record_key,
    'place' as location_kind,
    events.place_name as location_id,
    invitees.created_at as booked_at,
    events.starts_at,
    -- One that was moved is cancelled: the new one is another booking.
    coalesce(invitees.status = 'canceled' or events.status = 'canceled', false) as is_cancelled,
    invitees.is_no_show,
    'appointment' as booking_kind,
    case when invitees.is_booked_by_host then 'store' else 'web' end as booking_source,
    case when invitees.is_no_show then false end as has_come,
    events.ends_at,
    cast(null as bigint) as party_size,
    case when invitees.paid_minor is not null then invitees.currency_code end as currency_code,
    invitees.paid_minor as amount_minor
from invitees
-- An appointment that was set aside leaves its bookings without a time, and they are not lost.
left join events
    on
        invitees.connection = events.connection
        and invitees.calendly_event_id = events.calendly_event_id
