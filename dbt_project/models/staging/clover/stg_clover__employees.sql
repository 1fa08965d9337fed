{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('clover', 'employees') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'merchant_id': 'text!', 'role': 'text',
    }) }}
),

renamed as (
    select
        payload.id as clover_employee_id,
        payload.merchant_id as clover_merchant_id,
        payload.role as role_name,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
