{{ config(materialized='view') }}

with

opportunities as (
    select * from {{ staged('stg_salesforce__opportunities') }}
    where not is_deleted
),

roles as (
    select
        *,
        row_number() over (
            partition by connection, salesforce_opportunity_id
            order by case when is_primary then 0 else 1 end, created_at, salesforce_role_id
        ) as place
    from {{ staged('stg_salesforce__opportunity_contact_roles') }}
    where not is_deleted and salesforce_contact_id is not null
),

-- A person account has no roles: the opportunity names the account, which has this one contact.
person_accounts as (
    select
        connection,
        salesforce_account_id,
        max(_load_id) as _load_id,
        min(salesforce_contact_id) as salesforce_contact_id
    from {{ staged('stg_salesforce__contacts') }}
    where is_person_account and not is_deleted and salesforce_account_id is not null
    group by connection, salesforce_account_id
)

select
    opportunities.connection,
    opportunities.salesforce_opportunity_id,
    opportunities.order_name,
    opportunities.created_at,
    coalesce(
        roles.salesforce_contact_id, person_accounts.salesforce_contact_id, opportunities.salesforce_contact_id
    ) as salesforce_contact_id,
    greatest(
        opportunities._load_id, coalesce(roles._load_id, ''), coalesce(person_accounts._load_id, '')
    ) as _load_id
from opportunities
left join roles
    on
        opportunities.connection = roles.connection
        and opportunities.salesforce_opportunity_id = roles.salesforce_opportunity_id
        and roles.place = 1
left join person_accounts
    on
        opportunities.connection = person_accounts.connection
        and opportunities.salesforce_account_id = person_accounts.salesforce_account_id
