with

identity_links as (
    select * from {{ ref('stg_o2o__identity_links') }}
    where decision = 'review'
),

persons as (
    select
        record_key,
        customer_id
    from {{ ref('int_identity__persons') }}
)

select
    identity_links.identity_link_id as review_id,
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
