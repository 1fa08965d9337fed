{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('shopify', 'staff_members') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'active': 'flag', 'exists': 'flag?', 'accountType': 'text', 'isShopOwner': 'flag?',
    }) }}
),

renamed as (
    select
        {{ gid_number('payload.id') }} as shopify_staff_id,
        case when {{ flag('payload.isShopOwner') }} then 'OWNER' else payload.accountType end as role_name,
        {{ flag('payload.active') }} and coalesce({{ flag('payload.exists') }}, true) as is_active,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
