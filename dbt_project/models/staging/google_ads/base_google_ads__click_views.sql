{{ report_stream('click_date') }}

with

landed as (
    {{ newest_per_day('google_ads', 'click_views', 'click_date') }}
),

parsed as (
    {{ opened('landed', {
        'campaign': {'id': 'text!', 'resourceName': 'text!'},
        'clickView': {'gclid': 'text!'},
        'segments': {'device': 'text'},
    }) }}
),

renamed as (
    select
        {{ day('_cursor') }} as click_date,
        _key as report_key,
        payload.clickView.gclid as click_id,
        payload.campaign.id as campaign_id,
        split_part(payload.campaign.resourceName, '/', 2) as account_id,
        payload.segments.device as device,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_days('renamed', 'click_date') }}
