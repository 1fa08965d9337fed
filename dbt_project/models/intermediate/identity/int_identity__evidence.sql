with

edges as (
    select * from {{ ref('int_identity__edges') }}
),

components as (
    select * from {{ ref('int_identity__components') }}
),

groups as (
    select * from {{ ref('int_identity__groups') }}
),

faults as (
    select * from {{ ref('int_identity__faults') }}
),

faulty_components as (
    select
        component,
        min(fault) as fault
    from faults
    group by component
),

placed as (
    select
        edges.*,
        groups.connection,
        groups.source_system,
        groups.record_kind,
        groups.record_id,
        groups.strong_group,
        groups.has_customer_record,
        coalesce(components.component, edges.record_key) as component,
        faulty_components.fault,
        group_faults.fault as group_fault
    from edges
    inner join groups
        on edges.record_key = groups.record_key
    left join components
        on edges.record_key = components.node
    left join faulty_components
        on components.component = faulty_components.component
    left join faults as group_faults
        on
            components.component = group_faults.component
            and groups.strong_group = group_faults.strong_group
),

-- A faulty component falls back to what strong links make of it. A weak link that bridges two of these
-- groups is cut; one that adds to a single group stays …
bridges as (
    select
        link_key,
        count(distinct strong_group) as customer_group_count
    from placed
    where fault is not null and blocked_reason is null and has_customer_record
    group by link_key
),

-- … and a record that only weak links hold keeps the most trusted one, so that it bridges nothing either.
anchors as (
    select
        record_key,
        link_key,
        row_number() over (partition by record_key order by trust_rank, link_key) as place
    from placed
    where fault is not null and blocked_reason is null and strength <> 'strong' and not has_customer_record
),

judged as (
    select
        placed.record_key,
        placed.connection,
        placed.source_system,
        placed.record_kind,
        placed.record_id,
        placed.link_key,
        placed.identifier_type,
        placed.identifier_hash,
        placed.strength,
        placed.trust_rank,
        placed.first_observed_at,
        placed.last_observed_at,
        placed.customer_record_count,
        placed.given_name_count,
        placed.email_group_count,
        placed.is_sliced,
        placed.is_split_by_name,
        placed.component,
        placed.fault,
        case
            when placed.blocked_reason is not null then placed.blocked_reason
            when placed.fault is null or placed.trust_rank = 0 then null
            when placed.strength <> 'strong' and coalesce(bridges.customer_group_count, 0) > 1
                then concat('guard_', placed.fault)
            when placed.strength <> 'strong' and coalesce(anchors.place, 1) > 1
                then concat('guard_', placed.fault)
            when placed.group_fault is not null and placed.identifier_type = 'email'
                then concat('guard_', placed.group_fault)
        end as blocked_reason
    from placed
    left join bridges
        on placed.link_key = bridges.link_key
    left join anchors
        on
            placed.record_key = anchors.record_key
            and placed.link_key = anchors.link_key
)

select
    *,
    blocked_reason is null as is_usable
from judged
