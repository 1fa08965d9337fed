{{ report_stream('click_date') }}

with

landed as (
    {{ newest_per_day('google_ads', 'click_views', 'click_date') }}
),

parsed as (
    select
        cast(_cursor as date) as click_date,
        _key,
        {{ json_record('_payload', {
            'campaign': {'id': 'text', 'resourceName': 'text'},
            'clickView': {'gclid': 'text'},
            'segments': {'device': 'text'},
        }) }} as payload,
        connection,
        _load_id,
        _extracted_at
    from landed
),

renamed as (
    select
        click_date,
        _key as report_key,
        payload.clickView.gclid as click_id,
        payload.campaign.id as campaign_id,
        split_part(payload.campaign.resourceName, '/', 2) as account_id,
        payload.segments.device as device,
        connection,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_days('renamed', 'click_date') }}
