{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('hubspot', 'contacts') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'createdAt': 'time!', 'updatedAt': 'time!',
        'properties': {
            'email': 'text', 'phone': 'text', 'firstname': 'text', 'lastname': 'text',
            'date_of_birth': 'day?', 'address': 'text', 'city': 'text', 'zip': 'text',
            'lifecyclestage': 'text', 'hs_lifecyclestage_lead_date': 'time?',
            'hs_v2_date_entered_lead': 'time?', 'hs_lifecyclestage_customer_date': 'time?',
            'hs_v2_date_entered_customer': 'time?', 'hs_lead_status': 'text', 'hs_analytics_source': 'text',
            'hs_email_optout': 'text', 'loyalty_card_no': 'text',
            'hs_merged_object_ids': 'text',
        },
    }) }}
),

renamed as (
    select
        payload.id as hubspot_contact_id,
        payload.properties.email as email,
        payload.properties.phone as phone,
        payload.properties.firstname as first_name,
        payload.properties.lastname as last_name,
        {{ birth_date('payload.properties.date_of_birth') }} as birth_date,
        payload.properties.address as street,
        payload.properties.city as city,
        payload.properties.zip as postal_code,
        payload.properties.loyalty_card_no as loyalty_card_no,
        payload.properties.lifecyclestage as lifecycle_stage,
        -- HubSpot replaces its dates of stages by others, which older portals do not have.
        coalesce(
            {{ utc('payload.properties.hs_lifecyclestage_lead_date') }},
            {{ utc('payload.properties.hs_v2_date_entered_lead') }}
        ) as became_lead_at,
        coalesce(
            {{ utc('payload.properties.hs_lifecyclestage_customer_date') }},
            {{ utc('payload.properties.hs_v2_date_entered_customer') }}
        ) as became_customer_at,
        nullif(payload.properties.hs_lead_status, '') as lead_status,
        nullif(payload.properties.hs_analytics_source, '') as lead_source,
        -- The property says opted *out*, and is empty for contacts who never chose.
        coalesce(payload.properties.hs_email_optout, 'false') <> 'true' as is_email_subscribed,
        -- Contacts that were merged into this one: "12;34".
        payload.properties.hs_merged_object_ids as merged_contact_ids,
        {{ utc('payload.createdAt') }} as created_at,
        {{ utc('payload.updatedAt') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
