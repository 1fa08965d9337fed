{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('microsoft_ads', 'accounts') }}
),

parsed as (
    {{ opened('landed', {
        'Id': 'text!', 'Name': 'text', 'CurrencyCode': 'text!', 'IanaTimeZone': 'zone?', 'AccountLifeCycleStatus': 'text',
    }) }}
),

renamed as (
    select
        payload.Id as account_id,
        payload.Name as account_name,
        upper(payload.CurrencyCode) as currency_code,
        -- The connector adds it: the vendor names a zone by its cities.
        {{ zone('payload.IanaTimeZone') }} as time_zone,
        payload.AccountLifeCycleStatus as status,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
