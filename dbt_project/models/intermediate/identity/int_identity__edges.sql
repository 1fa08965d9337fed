with

links as (
    select * from {{ ref('int_identity__links') }}
),

probable_links as (
    select * from {{ ref('stg_o2o__identity_links') }}
    where
        decision = 'accept'
        -- What was proposed before stands no longer where nobody proposes any more.
        and '{{ env_var("O2O_LINKAGE", "off") }}' = 'on'
),

groups as (
    select * from {{ ref('int_identity__groups') }}
),

identifier_rules as (
    select * from {{ ref('identifier_rules') }}
),

-- Proposed when both were known.
known_pairs as (
    select
        probable_links.identity_link_id,
        ones.record_key as left_key,
        others.record_key as right_key,
        greatest(ones.first_observed_at, others.first_observed_at) as observed_at
    from probable_links
    inner join groups as ones
        on probable_links.left_record_key = ones.record_key
    inner join groups as others
        on probable_links.right_record_key = others.record_key
),

ends as (
    select
        left_key as record_key,
        identity_link_id,
        observed_at
    from known_pairs
    union all
    select
        right_key as record_key,
        identity_link_id,
        observed_at
    from known_pairs
),

edges as (
    select * from links
    union all
    select
        record_key,
        'probable_link' as identifier_type,
        '' as id_connection,
        identity_link_id as identifier_hash,
        concat('probable_link:', identity_link_id) as link_key,
        observed_at as first_observed_at,
        observed_at as last_observed_at,
        cast(0 as bigint) as customer_record_count,
        cast(0 as bigint) as given_name_count,
        cast(0 as bigint) as email_group_count,
        false as is_sliced,
        false as is_split_by_name,
        {{ as_text('null') }} as blocked_reason
    from ends
)

select
    edges.*,
    -- Owners' decisions are in no rule: they are trusted before all.
    coalesce(identifier_rules.strength, 'strong') as strength,
    coalesce(identifier_rules.trust_rank, 0) as trust_rank
from edges
left join identifier_rules
    on edges.identifier_type = identifier_rules.identifier_type
