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

observed as (
    select
        observations.record_key,
        observations.record_kind,
        observations.identifier_type,
        observations.identifier_hash,
        concat(observations.identifier_type, ':', observations.identifier_hash) as base_key,
        observations.first_observed_at,
        observations.last_observed_at,
        observations.ended_at,
        observations.blocked_reason,
        groups.strong_group,
        groups.has_customer_record,
        groups.has_loyalty_account,
        -- Of whom more is known than this identifier: by an address; where a device or a card is judged, by a phone.
        groups.has_email
        or (identifier_rules.is_impersonal and (groups.has_phone or groups.has_loyalty_account)) as is_known,
        {{ who_of('groups') }},
        true as speaks,
        false as is_bound,
        identifier_rules.maximum_customer_records,
        identifier_rules.maximum_given_names,
        identifier_rules.maximum_email_groups,
        identifier_rules.is_handed_on,
        case
            when observations.identifier_type = 'phone' then cast({{ var('phone_dormant_days') }} as integer)
        end as is_dormant_after
    from observations
    inner join identifier_rules
        on observations.identifier_type = identifier_rules.identifier_type
    inner join groups
        on observations.record_key = groups.record_key
),

{{ parted_by_holder(contradict_in_a_family) }},

split_by_name as (
    select
        observed.*,
        parted.part_key as link_key,
        parted.part_reason,
        parted.is_held,
        cast(parted.holder_count as bigint) as given_name_count,
        parted.is_sliced
    from observed
    inner join parted
        on observed.record_key = parted.record_key and observed.base_key = parted.base_key
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

-- What is left of an identifier may still meet several people of whom more is known: one person with two addresses
-- if all of them have one name, else two people, of whom it says nothing. And a loyalty scheme has one account
-- for each person, so two accounts are two people of one name.
reach as (
    select
        link_key,
        count(distinct case when {{ is_customer_record('record_kind') }} then record_key end) as customer_record_count,
        count(distinct case when {{ is_customer_record('record_kind') }} and not is_held then record_key end)
            as unnamed_record_count,
        count(distinct case when is_known then strong_group end) as known_group_count,
        count(
            distinct
            case when is_known and given_name_hash is not null and family_name_hash is not null then strong_group end
        ) as named_group_count,
        count(distinct case when has_loyalty_account then strong_group end) as loyalty_group_count
    from split_by_name
    where blocked_reason is null and part_reason is null
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
        coalesce(reach.known_group_count, 0) as email_group_count,
        split_by_name.is_sliced,
        split_by_name.given_name_count > 1 as is_split_by_name,
        case
            when split_by_name.blocked_reason is not null then split_by_name.blocked_reason
            when split_by_name.given_name_count > split_by_name.maximum_given_names then 'shared_by_many'
            when split_by_name.part_reason is not null then split_by_name.part_reason
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
            when reach.unnamed_record_count > split_by_name.maximum_customer_records then 'too_many_customers'
            when
                reach.known_group_count > 1
                and (
                    reach.named_group_count < reach.known_group_count
                    or reach.known_group_count > split_by_name.maximum_email_groups
                )
                then 'bridges_people'
            when reach.loyalty_group_count > 1 then 'bridges_people'
        end as blocked_reason
    from split_by_name
    left join reach
        on split_by_name.link_key = reach.link_key
    left join card_sales
        on split_by_name.link_key = card_sales.link_key
    cross join card_sharing
)

select * from judged
