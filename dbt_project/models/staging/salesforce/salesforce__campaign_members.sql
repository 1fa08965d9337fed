{{ config(materialized='view') }}

with

members as (
    select * from {{ staged('stg_salesforce__campaign_members') }}
    where not is_deleted
),

campaigns as (
    select * from {{ staged('stg_salesforce__campaigns') }}
)

select
    members.connection,
    'salesforce' as source_system,
    greatest(members._load_id, coalesce(campaigns._load_id, '')) as _load_id,
    members.salesforce_member_id as member_id,
    members.salesforce_campaign_id as campaign_id,
    campaigns.campaign_name,
    campaigns.campaign_kind,
    -- A lead that was converted is both.
    coalesce(
        {{ record_key('contact', 'members.salesforce_contact_id', 'members.connection') }},
        {{ record_key('lead', 'members.salesforce_lead_id', 'members.connection') }}
    ) as record_key,
    members.status_name as member_status,
    members.created_at as added_at,
    -- Salesforce tells the day.
    case
        when members.has_responded
            then greatest(cast(members.first_responded_date as timestamp), members.created_at)
    end as responded_at
from members
left join campaigns
    on
        members.connection = campaigns.connection
        and members.salesforce_campaign_id = campaigns.salesforce_campaign_id
