{#- Whom evidence alone makes one: those who stay apart here are compared with each other. -#}
{{ config(materialized='connected_components', enabled=env_var('O2O_LINKAGE', 'off') == 'on') }}

select
    record_key as node_a,
    link_key as node_b
from {{ ref('int_identity__links') }}
where blocked_reason is null
