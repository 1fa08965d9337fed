with

observations as (
    select * from {{ ref('int_identity__observations') }}
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
        observations.*,
        identifier_rules.maximum_customer_records,
        identifier_rules.maximum_given_names,
        concat(observations.identifier_type, ':', observations.identifier_hash) as link_key
    from observations
    inner join identifier_rules
        on observations.identifier_type = identifier_rules.identifier_type
),

-- How many customers, as the systems count them, and how many given names one identifier meets.
reach as (
    select
        link_key,
        count(distinct case when {{ is_customer_record('record_kind') }} then record_key end) as customer_record_count,
        count(distinct first_name_hash) as given_name_count
    from strong_observations
    where blocked_reason is null
    group by link_key
),

judged as (
    select
        strong_observations.record_key,
        strong_observations.identifier_type,
        strong_observations.id_connection,
        strong_observations.identifier_hash,
        strong_observations.link_key,
        strong_observations.first_observed_at,
        strong_observations.last_observed_at,
        coalesce(reach.customer_record_count, 0) as customer_record_count,
        coalesce(reach.given_name_count, 0) as given_name_count,
        case
            when strong_observations.blocked_reason is not null then strong_observations.blocked_reason
            when reach.given_name_count > strong_observations.maximum_given_names then 'too_many_names'
            when reach.customer_record_count > strong_observations.maximum_customer_records
                then 'too_many_customers'
        end as blocked_reason
    from strong_observations
    left join reach
        on strong_observations.link_key = reach.link_key
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

known_records as (
    select distinct record_key
    from observations
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
        {{ as_text('null') }} as blocked_reason
    from decided
    inner join known_records
        on decided.record_key = known_records.record_key
)

select * from judged
union all
select * from decided_links
