{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('meta_ads', 'ad_accounts') }}
),

parsed as (
    {{ opened('landed', {
        'account_id': 'text!', 'name': 'text', 'currency': 'text!', 'timezone_name': 'zone?', 'account_status': 'text',
    }) }}
),

renamed as (
    select
        payload.account_id as account_id,
        payload.name as account_name,
        upper(payload.currency) as currency_code,
        {{ zone('payload.timezone_name') }} as time_zone,
        payload.account_status as account_status,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
