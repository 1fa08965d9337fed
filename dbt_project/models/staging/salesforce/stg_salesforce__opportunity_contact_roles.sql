{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('salesforce', 'opportunity_contact_roles') }}
),

parsed as (
    {{ opened('landed', {
        'Id': 'text!', 'CreatedDate': 'time!', 'SystemModstamp': 'time!', 'IsDeleted': 'flag', 'deleted': 'flag',
        'OpportunityId': 'text!', 'ContactId': 'text', 'IsPrimary': 'flag', 'Role': 'text',
    }) }}
),

renamed as (
    select
        payload.Id as salesforce_role_id,
        payload.OpportunityId as salesforce_opportunity_id,
        payload.ContactId as salesforce_contact_id,
        coalesce({{ flag('payload.IsPrimary') }}, false) as is_primary,
        payload.Role as role_name,
        coalesce({{ flag('payload.IsDeleted') }}, false)
        or coalesce({{ flag('payload.deleted') }}, false) as is_deleted,
        {{ utc('payload.CreatedDate') }} as created_at,
        {{ utc('payload.SystemModstamp') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
