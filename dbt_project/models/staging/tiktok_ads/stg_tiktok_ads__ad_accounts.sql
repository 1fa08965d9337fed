{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('tiktok_ads', 'ad_accounts') }}
),

parsed as (
    {{ opened('landed', {
        'advertiser_id': 'text!', 'name': 'text', 'currency': 'text!', 'timezone': 'zone?', 'display_timezone': 'zone?',
        'status': 'text',
    }) }}
),

renamed as (
    select
        payload.advertiser_id as account_id,
        payload.name as account_name,
        upper(payload.currency) as currency_code,
        -- The one that is shown has summer time; the other one may stand for it without.
        coalesce({{ zone('payload.display_timezone') }}, {{ zone('payload.timezone') }}) as time_zone,
        payload.status as account_status,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
