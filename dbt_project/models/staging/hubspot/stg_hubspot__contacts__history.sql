{{ entity_stream('hubspot_contact_id') }}

with

landed as (
    {{ versions_per_key('hubspot', 'contacts') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'createdAt': 'time!', 'updatedAt': 'time!',
        'properties': {
            'email': 'text', 'hs_additional_emails': 'text', 'phone': 'text', 'mobilephone': 'text',
            'loyalty_card_no': 'text',
        },
    }) }}
),

renamed as (
    select
        payload.id as hubspot_contact_id,
        payload.properties.email as email,
        -- Further addresses of the same contact: "a@b.de;c@d.de".
        payload.properties.hs_additional_emails as additional_emails,
        payload.properties.phone as phone,
        payload.properties.mobilephone as mobile_phone,
        payload.properties.loyalty_card_no as loyalty_card_no,
        {{ utc('payload.createdAt') }} as created_at,
        {{ utc('payload.updatedAt') }} as changed_at,
        connection,
        recency,
        _faults,
        _load_id,
        _extracted_at
    from parsed
),

details as (
    {{ contacts_in_time(
        'renamed', 'hubspot_contact_id', ['email', 'additional_emails', 'phone', 'mobile_phone', 'loyalty_card_no'],
    ) }}
)

{{ staged_entities('details', 'hubspot_contact_id') }}
