{{ config(materialized='connected_components') }}

select
    record_key as node_a,
    link_key as node_b
from {{ ref('int_identity__edges') }}
where blocked_reason is null
