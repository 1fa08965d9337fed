{{ entity_stream() }}

{%- set said = 'payload.attributes.event_properties.' %}

with

landed as (
    {{ newest_per_key('klaviyo', 'events') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'metric': 'text!',
        'attributes': {
            'datetime': 'time!',
            'event_properties': {
                '$message': 'text', '$flow': 'text', 'Campaign Name': 'text', 'Bounce Type': 'text', 'URL': 'text',
                'machine_open': 'flag?', 'Apple Privacy Open': 'flag?', 'Bot Click': 'flag?',
            },
        },
        'relationships': {'profile': {'data': {'id': 'text'}}},
    }) }}
),

renamed as (
    select
        payload.id as klaviyo_event_id,
        payload.metric as metric_name,
        nullif(payload.relationships.profile.data.id, '') as klaviyo_profile_id,
        nullif({{ said }}{{ adapter.quote('$message') }}, '') as klaviyo_message_id,
        nullif({{ said }}{{ adapter.quote('$flow') }}, '') as klaviyo_flow_id,
        nullif({{ said }}{{ adapter.quote('Campaign Name') }}, '') as campaign_name,
        {{ said }}{{ adapter.quote('Bounce Type') }} as bounce_kind,
        {{ said }}{{ adapter.quote('URL') }} as url,
        {{ flag(said ~ adapter.quote('machine_open')) }} as is_machine_open,
        {{ flag(said ~ adapter.quote('Apple Privacy Open')) }} as is_apple_privacy_open,
        {{ flag(said ~ adapter.quote('Bot Click')) }} as is_bot_click,
        {{ utc('payload.attributes.datetime') }} as occurred_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
