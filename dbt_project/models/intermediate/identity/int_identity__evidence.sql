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

bases as (
    select * from {{ ref('int_identity__bases') }}
),

placed as (
    select
        edges.*,
        groups.connection,
        groups.source_system,
        groups.record_kind,
        groups.record_id,
        groups.has_email or groups.has_customer_record as is_known,
        coalesce(components.component, edges.record_key) as component,
        bases.base_key,
        bases.rung,
        bases.fault
    from edges
    inner join groups
        on edges.record_key = groups.record_key
    left join components
        on edges.record_key = components.node
    left join bases
        on edges.record_key = bases.record_key
),

-- What is no one person falls back to the highest rung of trust on which its pieces are each one. A weaker link
-- that bridges two pieces of which something is known is cut; one that adds to a single piece stays …
known_bases as (
    select
        base_key,
        bool_or(is_known) as is_known
    from placed
    where base_key is not null
    group by base_key
),

bridges as (
    select
        placed.link_key,
        count(distinct placed.base_key) as base_count
    from placed
    inner join known_bases
        on placed.base_key = known_bases.base_key
    where placed.blocked_reason is null and known_bases.is_known
    group by placed.link_key
),

-- … and a piece of which nothing is known keeps its most trusted link, so that it bridges nothing either.
anchors as (
    select
        placed.base_key,
        placed.link_key,
        row_number() over (partition by placed.base_key order by min(placed.trust_rank), placed.link_key) as place
    from placed
    inner join known_bases
        on placed.base_key = known_bases.base_key
    where placed.blocked_reason is null and placed.trust_rank > placed.rung and not known_bases.is_known
    group by placed.base_key, placed.link_key
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
        placed.id_connection,
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
            when placed.fault is null or placed.trust_rank <= placed.rung then null
            when coalesce(bridges.base_count, 0) > 1 or coalesce(anchors.place, 1) > 1
                then concat('guard_', placed.fault)
        end as blocked_reason
    from placed
    left join bridges
        on placed.link_key = bridges.link_key
    left join anchors
        on
            placed.base_key = anchors.base_key
            and placed.link_key = anchors.link_key
)

select
    *,
    blocked_reason is null as is_usable
from judged
