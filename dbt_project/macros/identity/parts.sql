{#- An identifier that several people use is one identifier for each of them. CTEs that part each `base_key` of
    the CTE `observed`, and end in `parted`: per record and base_key

    part_key      the identifier as one person's: +who where several share it, @n where it was handed on
    holder_count  how many people use it
    is_held       given and family name say which of its carriers the record is of
    is_sliced     the record saw it after it changed hands
    part_reason   ambiguous_name (could be any of several), another_persons (it is theirs who carry it
                  themselves), or null

    `observed` has record_key, base_key, who_columns(), speaks (the name is the carrier's own), is_bound (the record is
    somebody's anyway), is_handed_on, is_dormant_after
    (days), first_observed_at, last_observed_at, ended_at and blocked_reason. `contradict` is the macro that tells two
    people apart. -#}
{% macro parted_by_holder(contradict) -%}

named as (
    select
        *,
        {{ hash_key(who_columns()) }} as who_key
    from observed
    where blocked_reason is null and coalesce(given_name_hash, family_name_hash) is not null
),

-- Of how many names and when. Who carries an identifier tells whose it is; the others only listen.
whos as (
    select
        base_key,
        who_key,
        {{ who_columns() | join(', ') }},
        bool_or(speaks) as speaks,
        bool_or(is_bound) as is_bound,
        given_name_hash is not null and family_name_hash is not null as is_full,
        min(first_observed_at) as held_from,
        max(last_observed_at) as held_until,
        count(*) as row_count
    from named
    group by base_key, who_key, {{ who_columns() | join(', ') }}
),

ranked_whos as (
    select
        *,
        row_number() over (
            partition by base_key
            order by speaks desc, is_full desc, row_count desc, held_from asc, who_key asc
        ) as place,
        count(*) over (partition by base_key) as who_count,
        bool_or(speaks) over (partition by base_key) as is_spoken_for
    from whos
),

-- Beyond so many names nobody need be told apart: it is nobody's.
several_whos as (
    select * from ranked_whos
    where who_count between 2 and {{ var('identifier_maximum_names') }}
),

known_whos as (
    {{ with_likeness('several_whos') }}
),

who_pairs as (
    select
        ones.base_key,
        ones.who_key as who_key,
        others.who_key as other_key,
        others.place as other_place,
        -- What is somebody's anyway needs more than a given name to be somebody else's, too.
        {{ contradict('ones', 'others') }}
        or (ones.is_bound and not ones.speaks and {{ contradict_in_a_family('ones', 'others') }}) as is_contradicted
    from known_whos as ones
    inner join known_whos as others
        on ones.base_key = others.base_key and ones.place > others.place
    where others.speaks or not others.is_spoken_for
),

-- Who is like nobody before them is a holder of their own.
holders as (
    select
        ranked_whos.base_key,
        ranked_whos.who_key
    from ranked_whos
    left join who_pairs
        on
            ranked_whos.base_key = who_pairs.base_key
            and ranked_whos.who_key = who_pairs.who_key
            and not who_pairs.is_contradicted
    where
        who_pairs.who_key is null
        and (ranked_whos.speaks or not ranked_whos.is_spoken_for)
),

-- The others are the one holder that they may be.
alike as (
    select
        who_pairs.base_key,
        who_pairs.who_key,
        min(who_pairs.other_key) as holder_key,
        count(*) as holder_count
    from who_pairs
    inner join holders
        on who_pairs.base_key = holders.base_key and who_pairs.other_key = holders.who_key
    where not who_pairs.is_contradicted
    group by who_pairs.base_key, who_pairs.who_key
),

held as (
    select
        ranked_whos.base_key,
        ranked_whos.who_key,
        ranked_whos.is_full,
        ranked_whos.is_spoken_for,
        ranked_whos.speaks or not ranked_whos.is_spoken_for as is_holder_like,
        ranked_whos.held_from,
        ranked_whos.held_until,
        case
            when holders.who_key is not null then holders.who_key
            when alike.holder_count = 1 then alike.holder_key
            -- Like nobody who carries it, or like somebody who is like a holder, but not like the holder.
            when alike.holder_count is null then ranked_whos.who_key
        end as holder_key,
        case
            when holders.who_key is not null or alike.holder_count = 1 then null
            when alike.holder_count > 1 then 'ambiguous_name'
            when ranked_whos.is_spoken_for and not ranked_whos.speaks and ranked_whos.is_bound then 'another_persons'
        end as part_reason
    from ranked_whos
    left join holders
        on ranked_whos.base_key = holders.base_key and ranked_whos.who_key = holders.who_key
    left join alike
        on ranked_whos.base_key = alike.base_key and ranked_whos.who_key = alike.who_key
),

holder_counts as (
    select
        base_key,
        count(distinct case when is_holder_like then holder_key end) as holder_count,
        count(distinct holder_key) as part_count
    from held
    group by base_key
),

-- It changed hands where a carrier got another one, where nobody was seen with it for long, and, if its kind is
-- handed on, where one holder begins after all before have ended.
holder_times as (
    select
        held.base_key,
        held.holder_key,
        min(held.held_from) as held_from,
        max(held.held_until) as held_until
    from held
    inner join (select distinct base_key from observed where is_handed_on) as passing
        on held.base_key = passing.base_key
    where held.holder_key is not null
    group by held.base_key, held.holder_key
),

successions as (
    select
        base_key,
        held_from as slice_from,
        max(held_until) over (
            partition by base_key
            order by held_from, holder_key
            rows between unbounded preceding and 1 preceding
        ) as held_before_until
    from holder_times
),

sightings_in_time as (
    select
        base_key,
        first_observed_at as slice_from,
        is_dormant_after,
        max(last_observed_at) over (
            partition by base_key
            order by first_observed_at, last_observed_at
            rows between unbounded preceding and 1 preceding
        ) as seen_before_until
    from observed
    where blocked_reason is null and is_dormant_after is not null
),

boundaries as (
    select
        base_key,
        slice_from
    from successions
    where slice_from > held_before_until
    union
    select
        base_key,
        slice_from
    from sightings_in_time
    where {{ seconds_between('seen_before_until', 'slice_from') }} > is_dormant_after * 86400
    union
    select
        base_key,
        ended_at as slice_from
    from observed
    where blocked_reason is null and ended_at is not null
),

slices as (
    select
        observed.base_key,
        observed.record_key,
        count(case when boundaries.slice_from <= observed.first_observed_at then 1 end) as slice_no
    from observed
    inner join boundaries
        on observed.base_key = boundaries.base_key
    group by observed.base_key, observed.record_key
),

placed as (
    select
        observed.*,
        slices.slice_no,
        coalesce(holder_counts.holder_count, 0) as holder_count,
        coalesce(holder_counts.part_count, 0) as part_count,
        held.holder_key,
        coalesce(held.is_full, false) as is_full,
        coalesce(held.is_holder_like, false) as is_holder_like,
        coalesce(held.is_spoken_for, false) as is_spoken_for,
        held.part_reason,
        named.who_key is not null as is_named
    from observed
    left join named
        on observed.base_key = named.base_key and observed.record_key = named.record_key
    left join held
        on named.base_key = held.base_key and named.who_key = held.who_key
    left join slices
        on observed.base_key = slices.base_key and observed.record_key = slices.record_key
    left join holder_counts
        on observed.base_key = holder_counts.base_key
),

-- Who had it at the time: a row without a name is theirs, if they were alone. Guests do not count beside those who
-- carry it.
slice_holders as (
    select
        base_key,
        slice_no,
        min(holder_key) as holder_key,
        count(distinct holder_key) as holder_count
    from placed
    where holder_key is not null and blocked_reason is null and is_holder_like
    group by base_key, slice_no
),

parted as (
    select
        placed.record_key,
        placed.base_key,
        placed.holder_count,
        coalesce(placed.slice_no, 0) > 0 as is_sliced,
        placed.is_full and placed.is_spoken_for and placed.holder_key is not null as is_held,
        case
            when placed.part_reason is not null then placed.part_reason
            when not placed.is_named and coalesce(slice_holders.holder_count, 0) > 1 then 'ambiguous_name'
        end as part_reason,
        case
            when placed.slice_no is null and placed.part_count < 2 then placed.base_key
            -- One of whom half the name is known, much later: perhaps another of that name.
            when placed.holder_key is not null and not placed.is_full and placed.slice_no > 0
                then concat(placed.base_key, '@', placed.slice_no, '+', placed.holder_key)
            when placed.holder_key is not null then concat(placed.base_key, '+', placed.holder_key)
            when slice_holders.holder_count = 1 then concat(placed.base_key, '+', slice_holders.holder_key)
            when placed.slice_no is null then concat(placed.base_key, '+')
            else concat(placed.base_key, '@', placed.slice_no)
        end as part_key
    from placed
    left join slice_holders
        on
            placed.base_key = slice_holders.base_key
            and coalesce(placed.slice_no, -1) = coalesce(slice_holders.slice_no, -1)
)
{%- endmacro %}
