with

evidence as (
    select * from {{ ref('int_identity__evidence') }}
),

groups as (
    select * from {{ ref('int_identity__groups') }}
),

guarded_components as (
    select * from {{ ref('int_identity__guarded_components') }}
),

cannot_links as (
    {{ with_company('cannot_links', {
        'record_key_a': 'string', 'record_key_b': 'string', 'reason': 'string', 'decided_by': 'string',
        'decided_on': 'date',
    }) }}
),

records as (
    select
        record_key,
        min(component) as component,
        bool_or(fault is not null) as is_faulty,
        bool_or(is_usable) as has_usable_link,
        bool_or(is_usable and identifier_type <> 'order_name') as has_personal_link
    from evidence
    group by record_key
),

-- A sale or a device that no usable identifier ties to anybody is nobody's, not a customer of its own;
-- nor is anything that was only ever seen without consent.
identified as (
    select
        groups.record_key,
        groups.connection,
        groups.source_system,
        groups.record_kind,
        groups.record_id,
        groups.first_observed_at,
        case
            when not records.has_usable_link then groups.record_key
            when records.is_faulty then guarded_components.component
            else records.component
        end as cluster_key
    from groups
    inner join records
        on groups.record_key = records.record_key
    left join guarded_components
        on groups.record_key = guarded_components.node
    where records.has_usable_link or {{ is_customer_record('groups.record_kind') }}
),

-- The number of an order says who placed it only if somebody else knows it, too.
personal as (
    select distinct identified.cluster_key
    from identified
    inner join records
        on identified.record_key = records.record_key
    where records.has_personal_link or {{ is_customer_record('identified.record_kind') }}
),

-- Two records that the owners tell apart although every strong link joins them: the second stands alone.
told_apart as (
    select distinct others.record_key
    from cannot_links
    inner join identified as ones
        on cannot_links.record_key_a = ones.record_key
    inner join identified as others
        on cannot_links.record_key_b = others.record_key
    where ones.cluster_key = others.cluster_key
)

select
    identified.record_key,
    identified.connection,
    identified.source_system,
    identified.record_kind,
    identified.record_id,
    identified.first_observed_at,
    case
        when told_apart.record_key is not null then concat('apart:', identified.record_key)
        else identified.cluster_key
    end as cluster_key
from identified
inner join personal
    on identified.cluster_key = personal.cluster_key
left join told_apart
    on identified.record_key = told_apart.record_key
