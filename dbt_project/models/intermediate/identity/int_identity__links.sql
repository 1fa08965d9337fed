with

observations as (
    select * from {{ ref('int_identity__observations') }}
),

identifier_rules as (
    select * from {{ ref('identifier_rules') }}
),

-- A phone in a family carries several given names.
names as (
    select
        identifier_type,
        identifier_hash,
        count(distinct first_name_hash) as name_count
    from observations
    where identifier_type = 'phone'
    group by identifier_type, identifier_hash
),

-- It is split by name: the same number under another name is another identifier, and a record
-- without a name could be anyone's.
split_by_name as (
    select
        observations.record_key,
        observations.source_system,
        observations.record_type,
        observations.record_id,
        observations.identifier_type,
        concat(
            observations.identifier_type, ':', observations.identifier_hash,
            case when names.name_count > 1 then concat('+', coalesce(observations.first_name_hash, '')) else '' end
        ) as link_key,
        case
            when observations.blocked_reason is not null then observations.blocked_reason
            when names.name_count > 1 and observations.first_name_hash is null then 'ambiguous_name'
        end as blocked_reason
    from observations
    left join names
        on
            observations.identifier_type = names.identifier_type
            and observations.identifier_hash = names.identifier_hash
),

-- How many customers, as the systems count them, one identifier may meet.
customer_records as (
    select
        link_key,
        count(distinct record_key) as customer_record_count
    from split_by_name
    where record_type in ('shopify_customer', 'hubspot_contact', 'square_customer')
    group by link_key
),

guarded as (
    select
        split_by_name.record_key,
        split_by_name.source_system,
        split_by_name.record_type,
        split_by_name.record_id,
        split_by_name.identifier_type,
        split_by_name.link_key,
        identifier_rules.strength,
        coalesce(customer_records.customer_record_count, 0) as customer_record_count,
        case
            when split_by_name.blocked_reason is not null then split_by_name.blocked_reason
            when customer_records.customer_record_count > identifier_rules.maximum_customer_records
                then 'too_many_customers'
        end as blocked_reason
    from split_by_name
    inner join identifier_rules
        on split_by_name.identifier_type = identifier_rules.identifier_type
    left join customer_records
        on split_by_name.link_key = customer_records.link_key
)

select distinct * from guarded
