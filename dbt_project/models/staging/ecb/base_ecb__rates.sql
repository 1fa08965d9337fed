{{ report_stream('rate_date') }}

with

landed as (
    {{ newest_per_day('ecb', 'rates', 'rate_date') }}
),

parsed as (
    select
        cast(_cursor as date) as rate_date,
        _key,
        {{ json_record('_payload', {'currency': 'text', 'rate': 'text'}) }} as payload,
        connection,
        _load_id,
        _extracted_at
    from landed
),

renamed as (
    select
        rate_date,
        _key as rate_id,
        payload.currency as currency_code,
        cast(payload.rate as decimal(20, 10)) as rate,
        connection,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_days('renamed', 'rate_date') }}
