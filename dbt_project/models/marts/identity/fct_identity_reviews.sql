with

identity_links as (
    select * from {{ ref('stg_o2o__identity_links') }}
    where decision = 'review'
),

rivals as (
    select * from {{ ref('int_identity__rivals') }}
),

persons as (
    select
        record_key,
        customer_id
    from {{ ref('int_identity__persons') }}
),

alike as (
    select
        identity_links.identity_link_id as review_id,
        'alike' as reason,
        identity_links.left_record_key,
        identity_links.right_record_key,
        ones.customer_id as left_customer_id,
        others.customer_id as right_customer_id,
        identity_links.probability,
        identity_links.explanation
    from identity_links
    inner join persons as ones
        on identity_links.left_record_key = ones.record_key
    inner join persons as others
        on identity_links.right_record_key = others.record_key
    where ones.customer_id <> others.customer_id
),

kept_apart as (
    select
        {{ hash_key(['identifier_type', 'identifier_hash', 'left_record_key', 'right_record_key']) }} as review_id,
        'kept_apart' as reason,
        left_record_key,
        right_record_key,
        left_customer_id,
        right_customer_id,
        cast(null as decimal(9, 6)) as probability,
        concat(
            'Both have the same ', replace(identifier_type, '_', ' '), '; ',
            coalesce(blocked_reason, 'names, birth dates or times speak against it')
        ) as explanation
    from rivals
)

select * from alike
union all
select * from kept_apart
