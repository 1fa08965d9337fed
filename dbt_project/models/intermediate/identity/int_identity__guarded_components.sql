{{ config(materialized='connected_components') }}

select
    record_key as node_a,
    link_key as node_b
from {{ ref('int_identity__evidence') }}
where is_usable and fault is not null
