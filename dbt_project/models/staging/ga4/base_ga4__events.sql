{{ report_stream('event_date') }}

with

landed as (
    {{ newest_per_day('ga4', 'events', 'event_date') }}
),

parsed as (
    {{ opened('landed', {
        'event_timestamp': 'microseconds!', 'event_name': 'text', 'user_id': 'text', 'user_pseudo_id': 'text',
        'event_params': [{'key': 'text', 'value': {'string_value': 'text', 'int_value': 'text'}}],
        'privacy_info': {'analytics_storage': 'text', 'ads_storage': 'text'},
        'device': {'category': 'text', 'web_info': {'browser': 'text', 'hostname': 'text'}},
        'platform': 'text',
        'geo': {'country': 'text', 'city': 'text'},
        'collected_traffic_source': {
            'manual_source': 'text', 'manual_medium': 'text', 'manual_campaign_id': 'text',
            'manual_campaign_name': 'text', 'gclid': 'text', 'dclid': 'text',
        },
        'ecommerce': {'transaction_id': 'text'},
        'batch_event_index': 'whole?',
    }) }}
),

renamed as (
    select
        -- ids
        {{ day('_cursor') }} as event_date,
        _key as event_id,
        payload.user_pseudo_id as browser_id,
        -- Who sends from a server may hand on the cookie: GS1.1.<session>.5.…, or GS2.1.s<session>$o5$….
        {{ whole(replace_pattern(
            text_of_key('payload.event_params', 'ga_session_id'), '^(GS[0-9]+[.][0-9]+[.])?s?|[$.].*$', ''
        )) }} as ga_session_id,
        {{ whole(text_of_key('payload.event_params', 'ga_session_number')) }} as ga_session_number,
        payload.user_id as user_id,

        -- what happened
        payload.event_name as event_name,
        {{ value_of_key('payload.event_params', 'page_location') }}.string_value as page_location,
        lower(payload.device.web_info.hostname) as hostname,
        nullif(payload.ecommerce.transaction_id, '(not set)') as order_name,
        -- Only in the app: what an event there is about. What looks like a number is exported as one.
        case
            when payload.platform <> 'WEB'
                then coalesce(
                    {{ text_of_key('payload.event_params', 'promotion_id') }},
                    {{ text_of_key('payload.event_params', 'item_id') }}
                )
        end as app_subject,
        case
            when payload.platform <> 'WEB'
                then {{ text_of_key('payload.event_params', 'store_code') }}
        end as app_store_code,
        case
            when payload.platform <> 'WEB'
                then {{ text_of_key('payload.event_params', 'transaction_id') }}
        end as app_order_name,

        -- traffic
        payload.collected_traffic_source.manual_source as source,
        payload.collected_traffic_source.manual_medium as medium,
        payload.collected_traffic_source.manual_campaign_id as campaign_id,
        payload.collected_traffic_source.manual_campaign_name as campaign_name,
        payload.collected_traffic_source.gclid as gclid,
        payload.collected_traffic_source.dclid as dclid,
        {{ text_of_key('payload.event_params', 'ignore_referrer') }} in ('true', '1') as ignores_referrer,

        -- visitor
        {{ value_of_key('payload.event_params', 'traffic_type') }}.string_value as traffic_type,
        payload.device.web_info.browser as browser,
        payload.device.category as device_category,
        payload.platform as platform,
        payload.geo.country as country,
        payload.geo.city as city,
        {{ consent('payload.privacy_info.analytics_storage') }} as has_analytics_consent,
        {{ consent('payload.privacy_info.ads_storage') }} as has_ads_consent,

        -- times
        {{ utc_from_microseconds(microseconds_since_1970('payload.event_timestamp')) }} as occurred_at,
        coalesce({{ whole('payload.batch_event_index') }}, 0) as batch_event_index,

        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
),

-- Some click ids are a field of the export, the others stand in the address only.
located as (
    select
        event_date,
        event_id,
        browser_id,
        ga_session_id,
        ga_session_number,
        user_id,
        event_name,
        page_location,
        coalesce(hostname, {{ host_of('page_location') }}) as host,
        order_name,
        app_subject,
        app_store_code,
        app_order_name,
        source,
        medium,
        campaign_id,
        campaign_name,
        case
            when gclid is not null then 'gclid'
            when dclid is not null then 'dclid'
            when page_location like '%?%' then {{ click_id_kind('page_location') }}
        end as click_id_kind,
        case
            when coalesce(gclid, dclid) is not null then coalesce(gclid, dclid)
            when page_location like '%?%' then {{ click_id_value('page_location') }}
        end as click_id,
        ignores_referrer,
        traffic_type,
        device_category,
        browser,
        platform,
        country,
        city,
        has_analytics_consent,
        has_ads_consent,
        occurred_at,
        batch_event_index,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from renamed
)

{{ staged_days('located', 'event_date') }}
