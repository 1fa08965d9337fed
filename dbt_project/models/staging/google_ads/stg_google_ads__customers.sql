{{ entity_stream('account_id') }}

with

landed as (
    {{ newest_per_key('google_ads', 'customers') }}
),

parsed as (
    select
        {{ json_record('_payload', {
            'customer': {'id': 'text', 'descriptiveName': 'text', 'currencyCode': 'text', 'timeZone': 'text'},
        }) }} as payload,
        connection,
        _load_id,
        _extracted_at
    from landed
),

renamed as (
    select
        payload.customer.id as account_id,
        payload.customer.descriptiveName as account_name,
        payload.customer.currencyCode as currency_code,
        payload.customer.timeZone as time_zone,
        connection,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed', 'account_id') }}
