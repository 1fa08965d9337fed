with

edges as (
    select * from {{ ref('int_identity__edges') }}
    where blocked_reason is null
),

components as (
    select * from {{ ref('int_identity__components') }}
),

groups as (
    select * from {{ ref('int_identity__groups') }}
),

identifier_rules as (
    select * from {{ ref('identifier_rules') }}
),

cannot_links as (
    {{ with_company('cannot_links', {
        'record_key_a': 'string', 'record_key_b': 'string', 'reason': 'string', 'decided_by': 'string',
        'decided_on': 'date',
    }) }}
),

members as (
    select
        groups.record_key,
        groups.record_kind,
        groups.strong_group,
        groups.has_email,
        groups.given_name_hash,
        components.component
    from groups
    inner join components
        on groups.record_key = components.node
),

-- The same limits hold for the component and for each of its groups that strong links alone make:
-- a group that breaks one by itself is not helped by cutting weak links.
scopes as (
    select
        component,
        {{ as_text('null') }} as strong_group,
        record_key,
        record_kind,
        has_email,
        given_name_hash
    from members
    union all
    select
        component,
        strong_group,
        record_key,
        record_kind,
        has_email,
        given_name_hash
    from members
),

too_big as (
    select
        component,
        strong_group,
        'too_many_records' as fault
    from scopes
    where not {{ is_sale_record('record_kind') }}
    group by component, strong_group
    having count(distinct record_key) > {{ var('person_maximum_records') }}
),

-- Two people with e-mail and different names, chained by weak links that each looked harmless.
two_names as (
    select
        component,
        {{ as_text('null') }} as strong_group,
        'conflicting_names' as fault
    from members
    where has_email
    group by component
    having count(distinct given_name_hash) > 1
),

identifiers as (
    select
        scopes.component,
        scopes.strong_group,
        edges.identifier_type,
        edges.id_connection,
        count(distinct edges.identifier_hash) as identifier_count
    from edges
    inner join scopes
        on edges.record_key = scopes.record_key
    group by scopes.component, scopes.strong_group, edges.identifier_type, edges.id_connection
),

too_many_identifiers as (
    select
        identifiers.component,
        identifiers.strong_group,
        concat('too_many_', identifiers.identifier_type) as fault
    from identifiers
    inner join identifier_rules
        on identifiers.identifier_type = identifier_rules.identifier_type
    where identifiers.identifier_count > identifier_rules.maximum_per_person
),

told_apart as (
    select
        ones.component,
        ones.strong_group,
        'owner_decision' as fault
    from cannot_links
    inner join scopes as ones
        on cannot_links.record_key_a = ones.record_key
    inner join scopes as others
        on
            cannot_links.record_key_b = others.record_key
            and ones.component = others.component
            and coalesce(ones.strong_group, '') = coalesce(others.strong_group, '')
),

faults as (
    select * from too_big
    union all
    select * from two_names
    union all
    select * from too_many_identifiers
    union all
    select * from told_apart
)

select
    {{ hash_key(['component', 'strong_group']) }} as fault_id,
    component,
    strong_group,
    min(fault) as fault
from faults
group by component, strong_group
