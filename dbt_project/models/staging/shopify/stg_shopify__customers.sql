{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('shopify', 'customers') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'firstName': 'text', 'lastName': 'text',
        'defaultEmailAddress': {
            'emailAddress': 'text', 'marketingState': 'text', 'marketingOptInLevel': 'text',
            'marketingUpdatedAt': 'time?',
        },
        'defaultPhoneNumber': {
            'phoneNumber': 'text', 'smsMarketingConsent': {'state': 'text', 'optInLevel': 'text'},
        },
        'defaultAddress': {
            'address1': 'text', 'city': 'text', 'zip': 'text', 'countryCodeV2': 'text',
        },
        'createdAt': 'time!', 'updatedAt': 'time!', 'deleted': 'text',
    }) }}
),

renamed as (
    select
        {{ gid_number('payload.id') }} as shopify_customer_id,
        payload.defaultEmailAddress.emailAddress as email,
        payload.defaultPhoneNumber.phoneNumber as phone,
        payload.firstName as first_name,
        payload.lastName as last_name,
        payload.defaultAddress.address1 as street,
        payload.defaultAddress.city as city,
        payload.defaultAddress.zip as postal_code,
        payload.defaultAddress.countryCodeV2 as country_code,
        payload.defaultEmailAddress.marketingState as email_marketing_state,
        payload.defaultEmailAddress.marketingOptInLevel as email_opt_in_level,
        {{ utc('payload.defaultEmailAddress.marketingUpdatedAt') }} as email_marketing_updated_at,
        payload.defaultPhoneNumber.smsMarketingConsent.state as sms_marketing_state,
        payload.defaultPhoneNumber.smsMarketingConsent.optInLevel as sms_opt_in_level,
        coalesce(payload.deleted = 'true', false) as is_deleted,
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
