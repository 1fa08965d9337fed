with

links as (
    select * from {{ ref('int_identity__links') }}
),

strong_components as (
    select * from {{ ref('int_identity__strong_components') }}
),

-- The group that strong identifiers alone put a record into; a record without any stands alone.
grouped as (
    select
        links.*,
        coalesce(strong_components.component, links.record_key) as strong_group
    from links
    left join strong_components
        on links.record_key = strong_components.node
),

groups_with_email as (
    select distinct strong_group
    from grouped
    where identifier_type = 'email' and blocked_reason is null
),

-- An e-mail address is the best sign of a person that all systems share: a phone, card or browser
-- that meets two groups with e-mail is shared by two people, and says nothing about either.
email_groups as (
    select
        grouped.link_key,
        count(distinct grouped.strong_group) as email_group_count
    from grouped
    inner join groups_with_email
        on grouped.strong_group = groups_with_email.strong_group
    where grouped.strength = 'weak' and grouped.blocked_reason is null
    group by grouped.link_key
),

judged as (
    select
        grouped.record_key,
        grouped.source_system,
        grouped.record_type,
        grouped.record_id,
        grouped.link_key,
        grouped.identifier_type,
        grouped.strength,
        grouped.customer_record_count,
        coalesce(email_groups.email_group_count, 0) as email_group_count,
        case
            when grouped.blocked_reason is not null then grouped.blocked_reason
            when email_groups.email_group_count > 1 then 'bridges_people'
        end as blocked_reason
    from grouped
    left join email_groups
        on grouped.link_key = email_groups.link_key
)

select
    *,
    blocked_reason is null as is_usable
from judged
