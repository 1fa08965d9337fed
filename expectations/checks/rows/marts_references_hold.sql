{% from "_obeys.sql" import obeys with context %}
{% from "rows/_keys.sql" import keys %}
{# Mart, the column that refers, and what it refers to. #}
{% set references = [
    ("fct_orders", "customer_id", "dim_customers"),
    ("fct_orders", "store_id", "dim_stores"),
    ("fct_customer_ltv", "customer_id", "dim_customers"),
    ("fct_cohort_retention", "first_store_id", "dim_stores"),
    ("fct_order_lines", "product_id", "dim_products"),
    ("fct_bopis", "order_id", "fct_orders"),
    ("fct_bopis", "store_id", "dim_stores"),
    ("fct_deliveries", "order_id", "fct_orders"),
    ("fct_store_visits", "customer_id", "dim_customers"),
    ("fct_store_visits", "store_id", "dim_stores"),
    ("fct_store_footfall", "store_id", "dim_stores"),
    ("fct_footfall_attribution", "store_id", "dim_stores"),
    ("fct_touchpoints", "customer_id", "dim_customers"),
    ("fct_touchpoints", "campaign_id", "dim_campaigns"),
    ("fct_ad_spend", "campaign_id", "dim_campaigns"),
    ("rpt_platform_claims", "campaign_id", "dim_campaigns"),
    ("rpt_online_to_offline", "store_id", "dim_stores"),
    ("fct_attribution", "touchpoint_id", "fct_touchpoints"),
    ("dim_customers", "customer_id", "dim_person_aliases"),
    ("dim_persons_history", "customer_id", "dim_person_aliases"),
    ("dim_person_aliases", "current_customer_id", "dim_customers"),
    ("fct_identity_breaks", "identifier_id", "dim_identifiers"),
] %}
with
{% for mart, column, target in references %}
{{ mart }}__{{ column }} as (
    select
        f.*,
        d.{{ keys[target] }} is not null as is_found
    from marts.{{ mart }} as f
    left join marts.{{ target }} as d on f.{{ column }} = d.{{ keys[target] }}
    where f.{{ column }} is not null
){{ "," if not loop.last }}
{% endfor %}

{% for mart, column, target in references %}
{{ obeys(mart ~ "." ~ column, mart ~ "__" ~ column, "is_found", keys[mart]) }}
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
