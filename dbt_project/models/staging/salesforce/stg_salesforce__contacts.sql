{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('salesforce', 'contacts') }}
),

parsed as (
    {{ opened('landed', {
        'Id': 'text!', 'CreatedDate': 'time!', 'SystemModstamp': 'time!', 'IsDeleted': 'flag', 'deleted': 'flag',
        'AccountId': 'text', 'IsPersonAccount': 'flag', 'MasterRecordId': 'text',
        'FirstName': 'text', 'LastName': 'text', 'Birthdate': 'day?', 'Email': 'text', 'Phone': 'text',
        'MailingStreet': 'text', 'MailingCity': 'text', 'MailingPostalCode': 'text', 'MailingCountry': 'text',
        'MailingCountryCode': 'text', 'LeadSource': 'text',
        'HasOptedOutOfEmail': 'flag', 'HasOptedOutOfFax': 'flag', 'DoNotCall': 'flag', 'loyalty_card_no': 'text',
    }) }}
),

renamed as (
    select
        payload.Id as salesforce_contact_id,
        payload.AccountId as salesforce_account_id,
        coalesce({{ flag('payload.IsPersonAccount') }}, false) as is_person_account,
        payload.MasterRecordId as merged_into_contact_id,
        payload.Email as email,
        payload.Phone as phone,
        payload.FirstName as first_name,
        -- Whose last name is not known has one all the same.
        nullif(nullif(payload.LastName, '[not provided]'), '[[Unknown]]') as last_name,
        {{ birth_date('payload.Birthdate') }} as birth_date,
        payload.MailingStreet as street,
        payload.MailingCity as city,
        payload.MailingPostalCode as postal_code,
        coalesce(
            payload.MailingCountryCode,
            case when {{ matches('payload.MailingCountry', "'^[A-Z][A-Z]$'") }} then payload.MailingCountry end
        ) as country_code,
        payload.loyalty_card_no as loyalty_card_no,
        payload.LeadSource as lead_source,
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
