with

strong_links as (
    select * from {{ ref('int_identity__strong_links') }}
),

weak_links as (
    select * from {{ ref('int_identity__weak_links') }}
),

unioned as (
    select
        record_key,
        identifier_type,
        id_connection,
        identifier_hash,
        link_key,
        first_observed_at,
        last_observed_at,
        customer_record_count,
        given_name_count,
        cast(0 as bigint) as email_group_count,
        is_sliced,
        is_split_by_name,
        blocked_reason
    from strong_links
    union all
    select
        record_key,
        identifier_type,
        '' as id_connection,
        identifier_hash,
        link_key,
        first_observed_at,
        last_observed_at,
        customer_record_count,
        given_name_count,
        email_group_count,
        is_sliced,
        is_split_by_name,
        blocked_reason
    from weak_links
)

select * from unioned
