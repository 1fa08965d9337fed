{{ config(materialized='view') }}

with

profiles as (
    select * from {{ staged('stg_klaviyo__profiles') }}
    where not is_deleted
),

exploded as (
    select
        connection,
        klaviyo_profile_id,
        {{ explode('suppressions') }} as suppression
    from profiles
    where is_suppressed
),

suppressed as (
    select
        connection,
        klaviyo_profile_id,
        max({{ utc('suppression.timestamp') }}) as suppressed_at
    from exploded
    where suppression.reason in ('UNSUBSCRIBE', 'SPAM_COMPLAINT', 'USER_SUPPRESSED')
    group by connection, klaviyo_profile_id
),

channels as (
    {% for name, (purpose, address) in {
        'email': ('email_marketing', 'email'), 'sms': ('sms_marketing', 'phone'),
        'mobile_push': ('push_marketing', none),
    }.items() -%}
    select
        connection,
        _load_id,
        klaviyo_profile_id,
        '{{ purpose }}' as purpose,
        {{ name }}_consent as consent,
        {{ name }}_consented_at as consented_at,
        {{ name }}_changed_at as changed_at,
        {{ 'is_double_opt_in' if name == 'email' else 'cast(null as boolean)' }} as is_double_opt_in,
        {{ 'is_suppressed' if name == 'email' else 'false' }} as is_suppressed
    from profiles
    where {{ name }}_consent is not null{% if address %} and {{ address }} is not null{% endif %}
    {% if not loop.last %}union all
    {% endif -%}
    {%- endfor %}
),

said as (
    select
        channels.*,
        suppressed.suppressed_at,
        case
            -- Whoever asked for no more has not consented, whatever they had said before.
            when channels.is_suppressed or channels.consent = 'UNSUBSCRIBED' then 'withdrawn'
            when channels.consent = 'SUBSCRIBED' then 'granted'
            else 'unknown'
        end as consent_status
    from channels
    left join suppressed
        on
            channels.is_suppressed
            and channels.connection = suppressed.connection
            and channels.klaviyo_profile_id = suppressed.klaviyo_profile_id
)

select
    connection,
    'klaviyo' as source_system,
    _load_id,
    'contact' as record_kind,
    klaviyo_profile_id as record_id,
    purpose,
    consent_status,
    case when consent_status = 'granted' then is_double_opt_in end as is_confirmed,
    -- The time of a consent is kept when it is withdrawn.
    case consent_status
        when 'granted' then consented_at
        when 'withdrawn' then coalesce(suppressed_at, changed_at)
    end as changed_at
from said
