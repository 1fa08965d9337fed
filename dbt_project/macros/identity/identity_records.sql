{#- Rows of `relation` as records with the identifiers they carry: `columns` maps identifier types,
    country_code, names and birth_date to expressions; what it leaves out is null. -#}
{% macro identity_records(
    relation, source_system, record_type, record_id, observed_at, columns, last_observed_at=none, has_consent='true'
) -%}
    select
        '{{ source_system }}' as source_system,
        '{{ record_type }}' as record_type,
        {{ record_id }} as record_id,
        {%- for column in [
            'shopify_customer_id', 'square_customer_id', 'hubspot_contact_id', 'shopify_order_name',
            'email', 'phone', 'loyalty_card', 'card_fingerprint', 'ga_client_id', 'app_device_id',
            'country_code', 'first_name', 'last_name', 'birth_date',
        ] %}
        {{ columns[column] if column in columns else as_text('null') }} as {{ column }},
        {%- endfor %}
        {{ observed_at }} as observed_at,
        {{ last_observed_at or observed_at }} as last_observed_at,
        {{ has_consent }} as has_consent
    from {{ relation }}
{%- endmacro %}
