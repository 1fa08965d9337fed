{{ config(materialized='view') }}

{#- What each metric counts. Received is what the receiver did with our message; Sent SMS is what they sent to us. -#}
{%- set metrics = {
    'Received Email': ('email', 'delivered'), 'Opened Email': ('email', 'opened'), 'Clicked Email': ('email', 'clicked'),
    'Bounced Email': ('email', 'bounced'), 'Dropped Email': ('email', 'dropped'),
    'Marked Email as Spam': ('email', 'complained'), 'Unsubscribed': ('email', 'unsubscribed'),
    'Unsubscribed from Email Marketing': ('email', 'unsubscribed'),
    'Unsubscribed from List': ('email', 'unsubscribed'),
    'Received SMS': ('sms', 'delivered'), 'Clicked SMS': ('sms', 'clicked'), 'Sent SMS': ('sms', 'replied'),
    'Failed to Deliver SMS': ('sms', 'bounced'), 'Received Automated Response SMS': ('sms', 'delivered'),
    'Failed to deliver Automated Response SMS': ('sms', 'bounced'), 'Unsubscribed from SMS': ('sms', 'unsubscribed'),
    'Unsubscribed from SMS Marketing': ('sms', 'unsubscribed'),
    'Received Push': ('push', 'delivered'), 'Opened Push': ('push', 'opened'), 'Bounced Push': ('push', 'bounced'),
} -%}

with

events as (
    select * from {{ staged('stg_klaviyo__events') }}
),

campaigns as (
    select * from {{ staged('stg_klaviyo__campaigns') }}
),

messages as (
    select * from {{ staged('stg_klaviyo__campaign_messages') }}
),

flows as (
    select * from {{ staged('stg_klaviyo__flows') }}
),

variations as (
    select
        connection,
        klaviyo_campaign_id,
        _load_id,
        {{ explode('variations') }} as variation
    from messages
),

-- What an event calls its message is the message, one of its variations or, in older ones, the campaign.
called as (
    select
        connection,
        klaviyo_message_id,
        max(klaviyo_campaign_id) as klaviyo_campaign_id,
        max(_load_id) as _load_id
    from (
        select
            connection,
            klaviyo_message_id,
            klaviyo_campaign_id,
            _load_id
        from messages
        union all
        select
            connection,
            variation.id as klaviyo_message_id,
            klaviyo_campaign_id,
            _load_id
        from variations
        union all
        select
            connection,
            klaviyo_campaign_id as klaviyo_message_id,
            klaviyo_campaign_id,
            _load_id
        from campaigns
    ) as names
    group by connection, klaviyo_message_id
)

select
    events.connection,
    'klaviyo' as source_system,
    greatest(
        events._load_id, coalesce(called._load_id, ''), coalesce(campaigns._load_id, ''), coalesce(flows._load_id, '')
    ) as _load_id,
    events.klaviyo_event_id as event_id,
    case events.metric_name
        {%- for name, (kind, _) in metrics.items() %}
        when '{{ name }}' then '{{ kind }}'
        {%- endfor %}
        else 'other'
    end as message_kind,
    -- Klaviyo counts it as a click, too, when somebody opens the page on which they can unsubscribe.
    case
        when events.metric_name like 'Clicked%' and events.url like '%//manage.kmail-lists.com/%' then 'preferences'
        {%- for name, (_, happened) in metrics.items() %}
        when events.metric_name = '{{ name }}' then '{{ happened }}'
        {%- endfor %}
        else events.metric_name
    end as event_kind,
    events.klaviyo_message_id as message_id,
    coalesce(events.klaviyo_flow_id, called.klaviyo_campaign_id) as campaign_id,
    -- Of a flow an event tells the name of the message; of a campaign that was deleted it alone has the name.
    coalesce(flows.flow_name, campaigns.campaign_name, events.campaign_name) as campaign_name,
    {{ record_key('contact', 'events.klaviyo_profile_id', 'events.connection') }} as record_key,
    case
        when events.metric_name = 'Opened Email'
            then case
                when events.is_machine_open or events.is_apple_privacy_open then true
                else coalesce(events.is_machine_open, events.is_apple_privacy_open)
            end
        when events.metric_name in ('Clicked Email', 'Clicked SMS') then events.is_bot_click
    end as is_machine,
    events.occurred_at
from events
left join called
    on
        events.connection = called.connection
        and events.klaviyo_message_id = called.klaviyo_message_id
        and events.klaviyo_flow_id is null
left join campaigns
    on
        called.connection = campaigns.connection
        and called.klaviyo_campaign_id = campaigns.klaviyo_campaign_id
left join flows
    on
        events.connection = flows.connection
        and events.klaviyo_flow_id = flows.klaviyo_flow_id
