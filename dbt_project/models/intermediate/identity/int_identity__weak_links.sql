with

observations as (
    select * from {{ ref('int_identity__observations') }}
),

groups as (
    select * from {{ ref('int_identity__groups') }}
),

identifier_rules as (
    select * from {{ ref('identifier_rules') }}
    where strength = 'weak'
),

weak_observations as (
    select
        observations.record_key,
        observations.record_kind,
        observations.identifier_type,
        observations.identifier_hash,
        observations.first_observed_at,
        observations.last_observed_at,
        observations.blocked_reason,
        groups.strong_group,
        groups.has_email,
        groups.has_customer_record,
        groups.has_loyalty_account,
        groups.given_name_hash,
        groups.family_name_hash,
        groups.birth_date_hash,
        identifier_rules.maximum_customer_records,
        identifier_rules.maximum_given_names,
        identifier_rules.maximum_email_groups,
        identifier_rules.is_handed_on
    from observations
    inner join identifier_rules
        on observations.identifier_type = identifier_rules.identifier_type
    inner join groups
        on observations.record_key = groups.record_key
),

-- From when to when somebody of one given name used an identifier.
holders as (
    select
        identifier_type,
        identifier_hash,
        given_name_hash,
        min(first_observed_at) as held_from,
        max(last_observed_at) as held_until
    from weak_observations
    where given_name_hash is not null and blocked_reason is null
    group by identifier_type, identifier_hash, given_name_hash
),

-- What meets so many names belongs to nobody: a store's tablet, its phone, its guest card.
names as (
    select
        identifier_type,
        identifier_hash,
        count(*) as given_name_count
    from holders
    group by identifier_type, identifier_hash
),

-- A card or phone was handed on where one holder begins after all before have ended.
successions as (
    select
        identifier_type,
        identifier_hash,
        held_from,
        max(held_until) over (
            partition by identifier_type, identifier_hash
            order by held_from, given_name_hash
            rows between unbounded preceding and 1 preceding
        ) as held_before_until
    from holders
),

slice_starts as (
    select
        identifier_type,
        identifier_hash,
        held_from as slice_from
    from successions
    where held_from > held_before_until
),

slices as (
    select
        weak_observations.record_key,
        weak_observations.identifier_type,
        weak_observations.identifier_hash,
        count(*) as slice_no
    from weak_observations
    inner join slice_starts
        on
            weak_observations.identifier_type = slice_starts.identifier_type
            and weak_observations.identifier_hash = slice_starts.identifier_hash
            and weak_observations.first_observed_at >= slice_starts.slice_from
    where weak_observations.is_handed_on
    group by weak_observations.record_key, weak_observations.identifier_type, weak_observations.identifier_hash
),

sliced as (
    select
        weak_observations.*,
        coalesce(names.given_name_count, 0) as given_name_count,
        concat(
            weak_observations.identifier_type, ':', weak_observations.identifier_hash,
            case when slices.slice_no > 0 then concat('@', slices.slice_no) else '' end
        ) as slice_key,
        slices.slice_no is not null as is_sliced
    from weak_observations
    left join names
        on
            weak_observations.identifier_type = names.identifier_type
            and weak_observations.identifier_hash = names.identifier_hash
    left join slices
        on
            weak_observations.record_key = slices.record_key
            and weak_observations.identifier_type = slices.identifier_type
            and weak_observations.identifier_hash = slices.identifier_hash
),

names_at_a_time as (
    select
        slice_key,
        count(distinct given_name_hash) as name_count
    from sliced
    where blocked_reason is null
    group by slice_key
),

-- A family's phone or card is split by given name: under another name it is another identifier, and a
-- record without a name could be anyone's.
split_by_name as (
    select
        sliced.*,
        coalesce(names_at_a_time.name_count, 0) as name_count,
        case
            when names_at_a_time.name_count > 1
                then concat(sliced.slice_key, '+', coalesce(sliced.given_name_hash, ''))
            else sliced.slice_key
        end as link_key
    from sliced
    left join names_at_a_time
        on sliced.slice_key = names_at_a_time.slice_key
),

-- Who shows a profile at the till shows it most times. A card that pays more often without one is used
-- by others, too: a sale without a profile may be theirs.
card_sales as (
    select
        link_key,
        max(given_name_count) as given_name_count,
        count_if(has_customer_record) as known_sale_count,
        count_if(not has_customer_record) as anonymous_sale_count
    from split_by_name
    where identifier_type = 'card_fingerprint' and {{ is_sale_record('record_kind') }} and blocked_reason is null
    group by link_key
),

-- How common shared cards are shows on those of which there is a choice of names. Where many are shared,
-- a card ties only what profiles outnumber, and one that nobody showed a profile with ties nothing.
card_sharing as (
    select
        count_if(given_name_count > 1) * 100
        > {{ var('card_sharing_maximum_percent') }} * greatest(count(*), 100) as is_common
    from card_sales
    where known_sale_count > 1
),

-- What is left of an identifier may still meet several groups that have e-mail addresses: one person
-- with two addresses if all of them have one name, else two people, of whom it says nothing. And a
-- loyalty scheme has one account for each person, so two accounts are two people of one name, and so are
-- two birth dates.
reach as (
    select
        link_key,
        count(distinct case when {{ is_customer_record('record_kind') }} then record_key end) as customer_record_count,
        count(distinct case when has_email then strong_group end) as email_group_count,
        count(distinct case when has_email and given_name_hash is not null then strong_group end)
            as named_email_group_count,
        count(distinct case when has_email then family_name_hash end) as family_name_count,
        count(distinct case when has_loyalty_account then strong_group end) as loyalty_group_count,
        count(distinct birth_date_hash) as birth_date_count
    from split_by_name
    where blocked_reason is null
    group by link_key
),

judged as (
    select
        split_by_name.record_key,
        split_by_name.identifier_type,
        split_by_name.identifier_hash,
        split_by_name.link_key,
        split_by_name.first_observed_at,
        split_by_name.last_observed_at,
        coalesce(reach.customer_record_count, 0) as customer_record_count,
        split_by_name.given_name_count,
        coalesce(reach.email_group_count, 0) as email_group_count,
        split_by_name.is_sliced,
        split_by_name.name_count > 1 as is_split_by_name,
        case
            when split_by_name.blocked_reason is not null then split_by_name.blocked_reason
            when split_by_name.given_name_count > split_by_name.maximum_given_names then 'shared_by_many'
            when split_by_name.name_count > 1 and split_by_name.given_name_hash is null then 'ambiguous_name'
            when
                not split_by_name.has_customer_record
                and split_by_name.identifier_type = 'card_fingerprint'
                and case
                    when card_sharing.is_common
                        then
                            coalesce(card_sales.anonymous_sale_count, 0)
                            >= coalesce(card_sales.known_sale_count, 0)
                    else
                        {{ is_sale_record('split_by_name.record_kind') }}
                        and card_sales.known_sale_count > 0
                        and card_sales.anonymous_sale_count > card_sales.known_sale_count
                end
                then 'paid_by_others'
            when reach.customer_record_count > split_by_name.maximum_customer_records then 'too_many_customers'
            when
                reach.email_group_count > 1
                and (
                    reach.named_email_group_count < reach.email_group_count
                    or reach.family_name_count > 1
                    or reach.email_group_count > split_by_name.maximum_email_groups
                )
                then 'bridges_people'
            when reach.loyalty_group_count > 1 or reach.birth_date_count > 1 then 'bridges_people'
        end as blocked_reason
    from split_by_name
    left join reach
        on split_by_name.link_key = reach.link_key
    left join card_sales
        on split_by_name.link_key = card_sales.link_key
    cross join card_sharing
)

select * from judged
