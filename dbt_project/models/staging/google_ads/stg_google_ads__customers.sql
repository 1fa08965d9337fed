{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('google_ads', 'customers') }}
),

parsed as (
    {{ opened('landed', {
        'customer': {'id': 'text!', 'descriptiveName': 'text', 'currencyCode': 'text', 'timeZone': 'zone?'},
    }) }}
),

renamed as (
    select
        payload.customer.id as account_id,
        payload.customer.descriptiveName as account_name,
        payload.customer.currencyCode as currency_code,
        {{ zone('payload.customer.timeZone') }} as time_zone,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
