with

observations as (
    select * from {{ ref('int_identity__observations') }}
),

strong_links as (
    select * from {{ ref('int_identity__strong_links') }}
    where blocked_reason is null
),

strong_components as (
    select * from {{ ref('int_identity__strong_components') }}
),

records as (
    select
        record_key,
        source_system,
        record_type,
        record_id,
        min(first_observed_at) as first_observed_at,
        max(last_observed_at) as last_observed_at,
        max(first_name_hash) as first_name_hash,
        max(last_name_hash) as last_name_hash,
        max(birth_date_hash) as birth_date_hash,
        bool_or(has_consent) as has_consent
    from observations
    group by record_key, source_system, record_type, record_id
),

-- The group that strong identifiers alone put a record into; a record without any stands alone.
grouped as (
    select
        records.*,
        coalesce(strong_components.component, records.record_key) as strong_group
    from records
    left join strong_components
        on records.record_key = strong_components.node
),

given_names as (
    select
        strong_group,
        first_name_hash,
        row_number() over (
            partition by strong_group
            order by count(*) desc, first_name_hash
        ) as place
    from grouped
    where first_name_hash is not null
    group by strong_group, first_name_hash
),

family_names as (
    select
        strong_group,
        last_name_hash,
        row_number() over (
            partition by strong_group
            order by count(*) desc, last_name_hash
        ) as place
    from grouped
    where last_name_hash is not null
    group by strong_group, last_name_hash
),

birth_dates as (
    select
        strong_group,
        birth_date_hash,
        row_number() over (
            partition by strong_group
            order by count(*) desc, birth_date_hash
        ) as place
    from grouped
    where birth_date_hash is not null
    group by strong_group, birth_date_hash
),

records_with_email as (
    select distinct record_key
    from strong_links
    where identifier_type = 'email'
),

group_facts as (
    select
        grouped.strong_group,
        count(*) as group_record_count,
        bool_or(records_with_email.record_key is not null) as has_email,
        bool_or({{ is_customer_record('grouped.record_type') }}) as has_customer_record,
        bool_or(grouped.record_type = 'loyalty_account') as has_loyalty_account
    from grouped
    left join records_with_email
        on grouped.record_key = records_with_email.record_key
    group by grouped.strong_group
)

select
    grouped.record_key,
    grouped.source_system,
    grouped.record_type,
    grouped.record_id,
    grouped.first_observed_at,
    grouped.last_observed_at,
    grouped.has_consent,
    grouped.strong_group,
    group_facts.group_record_count,
    group_facts.has_email,
    group_facts.has_customer_record,
    group_facts.has_loyalty_account,
    -- The name, and the day, that most of its records have speak for the group.
    given_names.first_name_hash as given_name_hash,
    family_names.last_name_hash as family_name_hash,
    birth_dates.birth_date_hash
from grouped
inner join group_facts
    on grouped.strong_group = group_facts.strong_group
left join given_names
    on grouped.strong_group = given_names.strong_group and given_names.place = 1
left join family_names
    on grouped.strong_group = family_names.strong_group and family_names.place = 1
left join birth_dates
    on grouped.strong_group = birth_dates.strong_group and birth_dates.place = 1
