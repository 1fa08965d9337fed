{#- What cannot be one person. CTEs that judge the records of the CTE `judged` (component, record_key) by the links of the
    CTE `counted` (component, identifier_type, id_connection, identifier_hash); they end in `found`: component and
    fault. -#}
{% macro faults_of_components() -%}

records as (
    select * from {{ ref('int_identity__records') }}
),

groups as (
    select * from {{ ref('int_identity__groups') }}
),

members as (
    select
        judged.component,
        records.record_key,
        records.record_kind,
        groups.strong_group,
        groups.has_email,
        groups.given_name_hash is not null as group_is_named,
        {{ who_of('records') }}
    from judged
    inner join records
        on judged.record_key = records.record_key
    inner join groups
        on judged.record_key = groups.record_key
),

cannot_links as (
    {{ with_company('cannot_links', {
        'record_key_a': 'string', 'record_key_b': 'string', 'reason': 'string', 'decided_by': 'string',
        'decided_on': 'date',
    }) }}
),

identifier_rules as (
    select * from {{ ref('identifier_rules') }}
),

too_big as (
    select
        component,
        'too_many_records' as fault
    from members
    where not {{ is_sale_record('record_kind') }}
    group by component
    having count(distinct record_key) > {{ var('person_maximum_records') }}
),

-- Customers whose names or birth dates contradict each other, chained by links that each looked harmless.
whos as (
    select
        component,
        {{ hash_key(who_columns()) }} as who_key,
        {{ who_columns() | join(', ') }},
        count(*) over (partition by component) as who_count
    from members
    where
        {{ is_customer_record('record_kind') }}
        and coalesce(given_name_hash, family_name_hash, birth_date_hash) is not null
    group by component, {{ who_columns() | join(', ') }}
),

several_whos as (
    select * from whos
    where who_count > 1
),

known_whos as (
    {{ with_likeness('several_whos') }}
),

conflicts as (
    select
        ones.component,
        ones.who_key,
        others.who_key as other_key,
        coalesce({{ agree('birth_date', 'ones', 'others') }}, true)
        and coalesce(ones.generation = others.generation, true) as is_by_name
    from known_whos as ones
    inner join known_whos as others
        on ones.component = others.component and ones.who_key < others.who_key
    where {{ contradict('ones', 'others') }}
),

-- Two slips of one name are like it, if not like each other.
explained as (
    select distinct
        conflicts.component,
        conflicts.who_key,
        conflicts.other_key
    from conflicts
    inner join known_whos as thirds
        on
            conflicts.component = thirds.component
            and conflicts.who_key <> thirds.who_key
            and conflicts.other_key <> thirds.who_key
    inner join known_whos as ones
        on conflicts.component = ones.component and conflicts.who_key = ones.who_key
    inner join known_whos as others
        on conflicts.component = others.component and conflicts.other_key = others.who_key
    where
        conflicts.is_by_name
        and {{ confirm('ones', 'thirds') }}
        and {{ confirm('others', 'thirds') }}
),

two_names as (
    select distinct
        conflicts.component,
        'conflicting_names' as fault
    from conflicts
    left join explained
        on
            conflicts.component = explained.component
            and conflicts.who_key = explained.who_key
            and conflicts.other_key = explained.other_key
    where explained.component is null
),

-- People who have an address each, but not all a name.
unconfirmed as (
    select
        component,
        'unconfirmed_people' as fault
    from members
    where has_email
    group by component
    having
        count(distinct strong_group) > 1
        and count(distinct strong_group) > count(distinct case when group_is_named then strong_group end)
),

identifier_counts as (
    select
        component,
        identifier_type,
        id_connection,
        count(distinct identifier_hash) as identifier_count
    from counted
    group by component, identifier_type, id_connection
),

too_many_identifiers as (
    select
        identifier_counts.component,
        concat('too_many_', identifier_counts.identifier_type) as fault
    from identifier_counts
    inner join identifier_rules
        on identifier_counts.identifier_type = identifier_rules.identifier_type
    where identifier_counts.identifier_count > identifier_rules.maximum_per_person
),

told_apart as (
    select
        ones.component,
        'owner_decision' as fault
    from cannot_links
    inner join members as ones
        on cannot_links.record_key_a = ones.record_key
    inner join members as others
        on cannot_links.record_key_b = others.record_key and ones.component = others.component
),

found as (
    select * from too_big
    union all
    select * from two_names
    union all
    select * from unconfirmed
    union all
    select * from too_many_identifiers
    union all
    select * from told_apart
)
{%- endmacro %}
