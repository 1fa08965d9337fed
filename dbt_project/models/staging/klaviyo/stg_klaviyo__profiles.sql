{{ entity_stream() }}

{%- set channel = {'marketing': {'consent': 'text', 'consent_timestamp': 'time?', 'last_updated': 'time?'}} %}

with

landed as (
    {{ newest_per_key('klaviyo', 'profiles') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'deleted': 'flag',
        'attributes': {
            'created': 'time!', 'updated': 'time!', 'email': 'text', 'phone_number': 'text', 'external_id': 'text',
            'first_name': 'text', 'last_name': 'text',
            'location': {'address1': 'text', 'city': 'text', 'zip': 'text', 'country': 'text'},
            'subscriptions': {
                'email': {'marketing': {
                    'consent': 'text', 'consent_timestamp': 'time?', 'last_updated': 'time?', 'double_optin': 'flag?',
                    'suppression': [{'reason': 'text', 'timestamp': 'time?'}],
                }},
                'sms': channel, 'mobile_push': channel,
            },
        },
    }) }}
),

renamed as (
    select
        payload.id as klaviyo_profile_id,
        payload.attributes.external_id as external_id,
        payload.attributes.email as email,
        payload.attributes.phone_number as phone,
        payload.attributes.first_name as first_name,
        payload.attributes.last_name as last_name,
        payload.attributes.location.address1 as street,
        payload.attributes.location.city as city,
        payload.attributes.location.zip as postal_code,
        case
            when {{ matches('payload.attributes.location.country', "'^[A-Z][A-Z]$'") }}
                then payload.attributes.location.country
        end as country_code,
        {% for name in ['email', 'sms', 'mobile_push'] -%}
        {%- set said = 'payload.attributes.subscriptions.' ~ name ~ '.marketing' -%}
        {{ said }}.consent as {{ name }}_consent,
        {{ utc(said ~ '.consent_timestamp') }} as {{ name }}_consented_at,
        {{ utc(said ~ '.last_updated') }} as {{ name }}_changed_at,
        {% endfor -%}
        {{ flag('payload.attributes.subscriptions.email.marketing.double_optin') }} as is_double_opt_in,
        payload.attributes.subscriptions.email.marketing.suppression as suppressions,
        -- Who asked for no more, or for whom the company did. An address that does not exist says nothing of that.
        coalesce({{ any_element(
            'payload.attributes.subscriptions.email.marketing.suppression',
            "each_one.reason in ('UNSUBSCRIBE', 'SPAM_COMPLAINT', 'USER_SUPPRESSED')", 'each_one'
        ) }}, false) as is_suppressed,
        coalesce({{ flag('payload.deleted') }}, false) as is_deleted,
        {{ utc('payload.attributes.created') }} as created_at,
        {{ utc('payload.attributes.updated') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
