{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('salesforce', 'leads') }}
),

parsed as (
    {{ opened('landed', {
        'Id': 'text!', 'CreatedDate': 'time!', 'SystemModstamp': 'time!', 'IsDeleted': 'flag', 'deleted': 'flag',
        'MasterRecordId': 'text', 'FirstName': 'text', 'LastName': 'text', 'Email': 'text', 'Phone': 'text',
        'Street': 'text', 'City': 'text', 'PostalCode': 'text', 'Country': 'text', 'CountryCode': 'text',
        'LeadSource': 'text', 'Status': 'text', 'IsConverted': 'flag', 'ConvertedDate': 'day?',
        'ConvertedContactId': 'text', 'ConvertedOpportunityId': 'text',
        'HasOptedOutOfEmail': 'flag', 'HasOptedOutOfFax': 'flag', 'DoNotCall': 'flag',
    }) }}
),

renamed as (
    select
        payload.Id as salesforce_lead_id,
        payload.MasterRecordId as merged_into_lead_id,
        payload.Email as email,
        payload.Phone as phone,
        payload.FirstName as first_name,
        -- Whose last name is not known has one all the same.
        nullif(nullif(payload.LastName, '[not provided]'), '[[Unknown]]') as last_name,
        payload.Street as street,
        payload.City as city,
        payload.PostalCode as postal_code,
        coalesce(
            payload.CountryCode,
            case when {{ matches('payload.Country', "'^[A-Z][A-Z]$'") }} then payload.Country end
        ) as country_code,
        payload.LeadSource as lead_source,
        payload.Status as status_name,
        coalesce({{ flag('payload.IsConverted') }}, false) as is_converted,
        {{ day('payload.ConvertedDate') }} as converted_date,
        payload.ConvertedContactId as converted_contact_id,
        payload.ConvertedOpportunityId as converted_opportunity_id,
        {{ flag('payload.HasOptedOutOfEmail') }} as has_opted_out_of_email,
        {{ flag('payload.HasOptedOutOfFax') }} as has_opted_out_of_fax,
        {{ flag('payload.DoNotCall') }} as has_opted_out_of_calls,
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
