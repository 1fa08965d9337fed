{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('salesforce', 'campaign_members') }}
),

parsed as (
    {{ opened('landed', {
        'Id': 'text!', 'CreatedDate': 'time!', 'SystemModstamp': 'time!', 'IsDeleted': 'flag', 'deleted': 'flag',
        'CampaignId': 'text!', 'ContactId': 'text', 'LeadId': 'text', 'Status': 'text', 'HasResponded': 'flag',
        'FirstRespondedDate': 'day?',
    }) }}
),

renamed as (
    select
        payload.Id as salesforce_member_id,
        payload.CampaignId as salesforce_campaign_id,
        payload.ContactId as salesforce_contact_id,
        payload.LeadId as salesforce_lead_id,
        payload.Status as status_name,
        coalesce({{ flag('payload.HasResponded') }}, false) as has_responded,
        {{ day('payload.FirstRespondedDate') }} as first_responded_date,
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
