{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('calendly', 'invitees') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

parsed as (
    {{ opened('landed', {
        'uri': 'text!', 'event': 'text!', 'status': 'text', 'created_at': 'time!', 'updated_at': 'time',
        'email': 'text', 'text_reminder_number': 'text', 'first_name': 'text', 'last_name': 'text', 'name': 'text',
        'rescheduled': 'flag?', 'old_invitee': 'text', 'new_invitee': 'text', 'invitee_scheduled_by': 'text',
        'no_show': {'uri': 'text', 'created_at': 'time?'},
        'payment': {'amount': 'amount?', 'currency': 'text', 'successful': 'flag?'},
    }) }}
),

renamed as (
    select
        {{ extract_pattern('parsed.payload.uri', '([^/]+)$') }} as calendly_invitee_id,
        {{ extract_pattern('parsed.payload.event', '([^/]+)$') }} as calendly_event_id,
        {{ extract_pattern('parsed.payload.old_invitee', '([^/]+)$') }} as old_calendly_invitee_id,
        {{ extract_pattern('parsed.payload.new_invitee', '([^/]+)$') }} as new_calendly_invitee_id,
        parsed.payload.status as status,
        parsed.payload.email as email,
        parsed.payload.text_reminder_number as phone,
        -- A form asks for one name, or for two.
        coalesce(
            parsed.payload.first_name, {{ extract_pattern('trim(parsed.payload.name)', '^(.+) [^ ]+$') }}
        ) as first_name,
        coalesce(
            parsed.payload.last_name, {{ extract_pattern('trim(parsed.payload.name)', '^.+ ([^ ]+)$') }}
        ) as last_name,
        coalesce({{ flag('parsed.payload.rescheduled') }}, false) as is_rescheduled,
        parsed.payload.invitee_scheduled_by is not null as is_booked_by_host,
        parsed.payload.no_show.uri is not null or parsed.payload.no_show.created_at is not null as is_no_show,
        currencies.currency_code,
        case
            when coalesce({{ flag('parsed.payload.payment.successful') }}, false)
                then {{ to_minor('parsed.payload.payment.amount', 'currencies.exponent') }}
        end as paid_minor,
        {{ utc('parsed.payload.created_at') }} as created_at,
        {{ utc('parsed.payload.updated_at') }} as updated_at,
        parsed.connection,
        parsed._key,
        parsed._faults,
        parsed._load_id,
        parsed._extracted_at
    from parsed
    left join currencies on upper(parsed.payload.payment.currency) = currencies.currency_code
)

{{ staged_entities('renamed') }}
