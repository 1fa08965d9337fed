{{ entity_stream('salesforce_contact_id') }}

with

landed as (
    {{ versions_per_key('salesforce', 'contacts') }}
),

parsed as (
    {{ opened('landed', {
        'Id': 'text!', 'CreatedDate': 'time!', 'SystemModstamp': 'time!',
        'Email': 'text', 'Phone': 'text', 'MobilePhone': 'text', 'HomePhone': 'text', 'loyalty_card_no': 'text',
    }) }}
),

renamed as (
    select
        payload.Id as salesforce_contact_id,
        payload.Email as email,
        payload.Phone as phone,
        payload.MobilePhone as mobile_phone,
        payload.HomePhone as home_phone,
        payload.loyalty_card_no as loyalty_card_no,
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
    {{ contacts_in_time(
        'renamed', 'salesforce_contact_id', ['email', 'phone', 'mobile_phone', 'home_phone', 'loyalty_card_no'],
    ) }}
)

{{ staged_entities('details', 'salesforce_contact_id') }}
