{{ config(materialized='connected_components') }}

select
    customer_id as node_a,
    household_key as node_b
from {{ ref('int_identity__household_links') }}
