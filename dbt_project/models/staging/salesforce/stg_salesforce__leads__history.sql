{{ entity_stream('salesforce_lead_id') }}

with

landed as (
    {{ versions_per_key('salesforce', 'leads') }}
),

parsed as (
    {{ opened('landed', {
        'Id': 'text!', 'CreatedDate': 'time!', 'SystemModstamp': 'time!',
        'Email': 'text', 'Phone': 'text', 'MobilePhone': 'text',
    }) }}
),

renamed as (
    select
        payload.Id as salesforce_lead_id,
        payload.Email as email,
        payload.Phone as phone,
        payload.MobilePhone as mobile_phone,
        {{ utc('payload.CreatedDate') }} as created_at,
        {{ utc('payload.SystemModstamp') }} as changed_at,
        connection,
        recency,
        _faults,
        _load_id,
        _extracted_at
    from parsed
),

details as (
    {{ contacts_in_time('renamed', 'salesforce_lead_id', ['email', 'phone', 'mobile_phone']) }}
)

{{ staged_entities('details', 'salesforce_lead_id') }}
