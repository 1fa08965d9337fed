{{ report_stream('rate_date') }}

with

landed as (
    {{ newest_per_day('ecb', 'rates', 'rate_date') }}
),

parsed as (
    {{ opened('landed', {'currency': 'text!', 'rate': 'rate!'}) }}
),

renamed as (
    select
        {{ day('_cursor') }} as rate_date,
        _key as rate_id,
        payload.currency as currency_code,
        {{ rate('payload.rate') }} as rate,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_days('renamed', 'rate_date') }}
