{#- The one table of identity that is not computed from the evidence alone: it remembers which ids were
    given to whom. So a full refresh leaves it in place and maps by overlap, like any other run. -#}
{{ rows_replaced_by(['membership_id']) }}
{{ config(materialized='incremental', full_refresh=false) }}

with

clusters as (
    select * from {{ ref('int_identity__clusters') }}
),

evidence as (
    select * from {{ ref('int_identity__evidence') }}
),

standing as (
    {%- if is_incremental() %}
    select * from {{ this }}
    {%- else %}
    {{ no_memberships() }}
    {%- endif %}
),

-- A run happens when the newest evidence was seen, and never before the one that it follows.
evidence_time as (
    select max(last_observed_at) as newest_at
    from evidence
),

standing_time as (
    select
        max(greatest(valid_from, coalesce(valid_to, valid_from))) as newest_at,
        coalesce(max(greatest(opened_run, coalesce(closed_run, 0))), 0) as run_no
    from standing
),

runs as (
    select
        standing_time.run_no + 1 as run_no,
        greatest(evidence_time.newest_at, coalesce(standing_time.newest_at, evidence_time.newest_at)) as ran_at
    from evidence_time
    cross join standing_time
),

-- Where each record was last; also one whose evidence was gone for a while.
ranked as (
    select
        *,
        row_number() over (partition by record_key order by opened_run desc) as recency
    from standing
),

latest as (
    select * from ranked
    where recency = 1
),

persons_so_far as (
    select
        customer_id,
        min(opened_run) as born_run,
        min(valid_from) as born_at
    from standing
    group by customer_id
),

shared as (
    select
        clusters.cluster_key,
        latest.customer_id,
        count(*) as record_count,
        min(clusters.record_key) as first_record_key
    from clusters
    inner join latest
        on clusters.record_key = latest.record_key
    group by clusters.cluster_key, latest.customer_id
),

-- A person that falls into pieces goes on in the one that has most of its records.
heirs as (
    select
        cluster_key,
        customer_id,
        row_number() over (
            partition by customer_id
            order by record_count desc, first_record_key asc
        ) as place
    from shared
),

-- Persons that become one go on as the oldest of them.
keepers as (
    select
        heirs.cluster_key,
        heirs.customer_id,
        row_number() over (
            partition by heirs.cluster_key
            order by persons_so_far.born_run, persons_so_far.born_at, heirs.customer_id
        ) as place
    from heirs
    inner join persons_so_far
        on heirs.customer_id = persons_so_far.customer_id
    where heirs.place = 1
),

founders as (
    select
        cluster_key,
        record_key,
        row_number() over (
            partition by cluster_key
            order by first_observed_at, record_key
        ) as place
    from clusters
),

-- Anybody else gets an id of their own: made of the oldest record, once. If that record has given its
-- name to a person before, the number of the run makes another id of it.
named as (
    select
        founders.cluster_key,
        keepers.customer_id as kept_id,
        {{ person_id(['founders.record_key']) }} as first_id,
        {{ person_id(['founders.record_key', 'runs.run_no']) }} as further_id
    from founders
    cross join runs
    left join keepers
        on
            founders.cluster_key = keepers.cluster_key
            and keepers.place = 1
    where founders.place = 1
),

cluster_persons as (
    select
        named.cluster_key,
        coalesce(
            named.kept_id,
            case when persons_so_far.customer_id is null then named.first_id else named.further_id end
        ) as customer_id
    from named
    left join persons_so_far
        on named.first_id = persons_so_far.customer_id
),

assigned as (
    select
        clusters.record_key,
        clusters.connection,
        clusters.source_system,
        clusters.record_kind,
        clusters.record_id,
        clusters.first_observed_at,
        cluster_persons.customer_id,
        latest.customer_id as former_id,
        latest.membership_id as former_membership_id,
        latest.valid_to as former_valid_to
    from clusters
    inner join cluster_persons
        on clusters.cluster_key = cluster_persons.cluster_key
    left join latest
        on clusters.record_key = latest.record_key
),

survivors as (
    select distinct customer_id
    from assigned
),

-- What each record that changes hands lives through.
moves as (
    select
        assigned.*,
        case
            when assigned.former_id is null and persons_so_far.customer_id is null then 'born'
            when assigned.former_id is null then 'accreted'
            when assigned.former_id = assigned.customer_id then 'returned'
            when persons_so_far.customer_id is null then 'split'
            when survivors.customer_id is null then 'merged'
            else 'moved'
        end as event
    from assigned
    left join persons_so_far
        on assigned.customer_id = persons_so_far.customer_id
    left join survivors
        on assigned.former_id = survivors.customer_id
    where
        assigned.former_id is null
        or assigned.former_id <> assigned.customer_id
        or assigned.former_valid_to is not null
),

-- The evidence around them: per link, who met through it, and who they were before.
changed_persons as (
    select customer_id
    from moves
    where event in ('merged', 'moved', 'split')
    union
    select former_id as customer_id
    from moves
    where event in ('merged', 'moved', 'split')
),

link_ends as (
    select
        evidence.link_key,
        evidence.identifier_type,
        evidence.blocked_reason,
        evidence.is_usable,
        evidence.first_observed_at,
        assigned.record_key,
        assigned.customer_id,
        assigned.former_id
    from evidence
    inner join assigned
        on evidence.record_key = assigned.record_key
    where
        assigned.customer_id in (select customer_id from changed_persons)
        or assigned.former_id in (select customer_id from changed_persons)
),

-- Brought together by a link between one's records and somebody else's; torn apart by a link between
-- two that were one's own, which a guard has cut.
candidates as (
    select
        ones.former_id,
        ones.customer_id,
        ones.link_key,
        case when ones.is_usable then ones.identifier_type else coalesce(ones.blocked_reason, others.blocked_reason) end
            as rule,
        ones.first_observed_at
    from link_ends as ones
    inner join link_ends as others
        on ones.link_key = others.link_key
    where
        ones.former_id <> ones.customer_id
        and (
            (
                ones.is_usable and others.is_usable
                and ones.customer_id = others.customer_id
                and coalesce(others.former_id, '') <> ones.former_id
            )
            or (
                not (ones.is_usable and others.is_usable)
                and ones.former_id = others.former_id
                and ones.customer_id <> others.customer_id
            )
        )
),

ranked_causes as (
    select
        *,
        row_number() over (
            partition by former_id, customer_id
            order by first_observed_at desc, link_key asc, rule asc
        ) as place
    from candidates
),

causes as (
    select * from ranked_causes
    where place = 1
),

opened as (
    select
        {{ hash_key(['moves.record_key', 'runs.run_no']) }} as membership_id,
        moves.record_key,
        moves.connection,
        moves.source_system,
        moves.record_kind,
        moves.record_id,
        moves.customer_id,
        -- What nobody knew before counts from when it was seen; what was known otherwise, from now on.
        case when moves.former_id is null then moves.first_observed_at else runs.ran_at end as valid_from,
        cast(null as timestamp) as valid_to,
        cast(runs.run_no as bigint) as opened_run,
        cast(null as bigint) as closed_run,
        moves.event as opened_by,
        {{ as_text('null') }} as closed_by,
        moves.former_id as former_customer_id,
        causes.link_key as cause_link_key,
        case
            when causes.rule is not null then causes.rule
            when moves.event in ('merged', 'moved', 'split') then 'evidence_changed'
        end as cause_rule
    from moves
    cross join runs
    left join causes
        on
            moves.former_id = causes.former_id
            and moves.customer_id = causes.customer_id
),

closed as (
    select
        latest.membership_id,
        latest.record_key,
        latest.connection,
        latest.source_system,
        latest.record_kind,
        latest.record_id,
        latest.customer_id,
        latest.valid_from,
        greatest(runs.ran_at, latest.valid_from) as valid_to,
        latest.opened_run,
        cast(runs.run_no as bigint) as closed_run,
        latest.opened_by,
        coalesce(moves.event, 'withdrawn') as closed_by,
        latest.former_customer_id,
        latest.cause_link_key,
        latest.cause_rule
    from latest
    cross join runs
    left join assigned
        on latest.record_key = assigned.record_key
    left join moves
        on latest.record_key = moves.record_key
    where
        latest.valid_to is null
        and (assigned.record_key is null or moves.record_key is not null)
),

changes as (
    select * from opened
    union all
    select * from closed
)

{{ replacing('changes', ['membership_id']) }}
