with

observations as (
    select * from {{ ref('int_identity__observations') }}
),

records as (
    select * from {{ ref('int_identity__records') }}
),

reference_verdicts as (
    select * from {{ ref('int_identity__order_references') }}
),

identifier_rules as (
    select * from {{ ref('identifier_rules') }}
    where strength = 'strong'
),

must_links as (
    {{ with_company('must_links', {
        'record_key_a': 'string', 'record_key_b': 'string', 'reason': 'string', 'decided_by': 'string',
        'decided_on': 'date',
    }) }}
),

strong_observations as (
    select
        observations.record_key,
        observations.record_kind,
        observations.identifier_type,
        observations.id_connection,
        observations.identifier_hash,
        observations.blocked_reason,
        observations.first_observed_at,
        observations.last_observed_at,
        observations.ended_at,
        concat(observations.identifier_type, ':', observations.identifier_hash) as base_key,
        records.owner_key,
        records.is_served and observations.identifier_type = 'customer_id' as is_staffs,
        {{ who_of('records') }},
        {{ is_customer_record('observations.record_kind') }} as speaks,
        records.owner_key is not null as is_bound,
        identifier_rules.maximum_customer_records,
        identifier_rules.maximum_given_names,
        identifier_rules.is_handed_on,
        cast(null as integer) as is_dormant_after
    from observations
    inner join identifier_rules
        on observations.identifier_type = identifier_rules.identifier_type
    inner join records
        on observations.record_key = records.record_key
),

-- What people carry is whose the names say; an id is whose its system says.
observed as (
    select * from strong_observations
    where identifier_type = 'email'
),

{{ parted_by_holder(contradict) }},

-- Addresses that carriers have in their own records.
carried as (
    select distinct
        record_key,
        base_key
    from observed
    where speaks and blocked_reason is null
),

carriers as (
    select distinct base_key
    from carried
),

owners_with_email as (
    select distinct record_key
    from carried
),

-- A sale may be one customer's and name another's address. It says that they are one only if their names do.
borrowed as (
    select
        observed.record_key,
        observed.base_key
    from observed
    inner join owners_with_email
        on observed.owner_key = owners_with_email.record_key
    inner join carriers
        on observed.base_key = carriers.base_key
    left join carried
        on observed.owner_key = carried.record_key and observed.base_key = carried.base_key
    where not observed.speaks and carried.record_key is null
),

linked as (
    select
        strong_observations.*,
        coalesce(parted.part_key, strong_observations.base_key) as link_key,
        coalesce(parted.holder_count, 0) as holder_count,
        coalesce(parted.is_sliced, false) as is_sliced,
        coalesce(parted.is_held, false) as is_held,
        case
            when strong_observations.is_staffs then 'stands_for_many'
            when parted.part_reason is not null then parted.part_reason
            when borrowed.record_key is not null and not parted.is_held then 'another_persons'
            else reference_verdicts.blocked_reason
        end as part_reason
    from strong_observations
    left join parted
        on
            strong_observations.record_key = parted.record_key
            and strong_observations.base_key = parted.base_key
    left join borrowed
        on
            strong_observations.record_key = borrowed.record_key
            and strong_observations.base_key = borrowed.base_key
    left join reference_verdicts
        on
            strong_observations.record_key = reference_verdicts.record_key
            and strong_observations.base_key = reference_verdicts.base_key
),

-- How many customers, as the systems count them, one identifier meets.
reach as (
    select
        link_key,
        count(distinct case when {{ is_customer_record('record_kind') }} then record_key end) as customer_record_count,
        -- Who is called alike may have a record of each visit.
        count(distinct case when {{ is_customer_record('record_kind') }} and not is_held then record_key end)
            as unnamed_record_count
    from linked
    where blocked_reason is null and part_reason is null
    group by link_key
),

judged as (
    select
        linked.record_key,
        linked.identifier_type,
        linked.id_connection,
        linked.identifier_hash,
        linked.link_key,
        linked.first_observed_at,
        linked.last_observed_at,
        coalesce(reach.customer_record_count, 0) as customer_record_count,
        cast(linked.holder_count as bigint) as given_name_count,
        linked.is_sliced,
        linked.holder_count > 1 as is_split_by_name,
        case
            when linked.blocked_reason is not null then linked.blocked_reason
            when linked.holder_count > linked.maximum_given_names then 'too_many_names'
            when linked.part_reason is not null then linked.part_reason
            when reach.unnamed_record_count > linked.maximum_customer_records then 'too_many_customers'
        end as blocked_reason
    from linked
    left join reach
        on linked.link_key = reach.link_key
),

-- What the owners say is one, is one: a link between the two records that no guard may break.
decided as (
    select
        record_key_a as record_key,
        {{ hash_key(['record_key_a', 'record_key_b']) }} as identifier_hash,
        cast(decided_on as timestamp) as decided_at
    from must_links
    union
    select
        record_key_b as record_key,
        {{ hash_key(['record_key_a', 'record_key_b']) }} as identifier_hash,
        cast(decided_on as timestamp) as decided_at
    from must_links
),

decided_links as (
    select
        decided.record_key,
        'owner_decision' as identifier_type,
        '' as id_connection,
        decided.identifier_hash,
        concat('owner_decision:', decided.identifier_hash) as link_key,
        decided.decided_at as first_observed_at,
        decided.decided_at as last_observed_at,
        cast(0 as bigint) as customer_record_count,
        cast(0 as bigint) as given_name_count,
        false as is_sliced,
        false as is_split_by_name,
        {{ as_text('null') }} as blocked_reason
    from decided
    inner join records
        on decided.record_key = records.record_key
)

select * from judged
union all
select * from decided_links
