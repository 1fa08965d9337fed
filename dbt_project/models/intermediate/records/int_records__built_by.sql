{#- Once all of staging is as this product reads it. -#}
{%- for model in fromjson(env_var('O2O_STAGED', '{}')) %}
-- depends_on: {{ ref(model) }}
{%- endfor %}

select
    '{{ env_var("O2O_VERSION", "") }}' as product_version,
    '{{ env_var("O2O_SHAPE", "") }}' as shape
