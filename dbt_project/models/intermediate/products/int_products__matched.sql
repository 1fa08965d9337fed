{#- Two systems' products are one by GTIN, else by SKU. What several products of one system share says nothing. -#}
{%- set keys = ['gtin', 'sku'] -%}

with

products as (
    select
        *,
        concat(connection, ':', product_id) as product_key,
        -- Listed twice under one name, as by each merchant of a chain, it is the same thing.
        lower(concat_ws('|', trim(product_name), trim(variant_name))) as full_name,
        {{ gtin('barcode') }} as gtin,
        case when product_code <> product_id then {{ same_code('product_code') }} end as sku
    from {{ ref('products') }}
),

{% for key in keys %}
{{ key }}_names as (
    select
        connection,
        {{ key }},
        count(distinct case when is_active then full_name end) as active_count,
        count(distinct full_name) as name_count
    from products
    where {{ key }} is not null
    group by connection, {{ key }}
),

-- Of what is not sold any more, only where nothing else has it.
{{ key }}s as (
    select
        {{ key }},
        max(case when active_count > 1 or (active_count = 0 and name_count > 1) then 1 else 0 end) = 1 as is_ambiguous
    from {{ key }}_names
    group by {{ key }}
),

{% endfor %}
keyed as (
    select
        products.*,
        coalesce(gtins.is_ambiguous, false) as is_gtin_ambiguous,
        coalesce(skus.is_ambiguous, false) as is_sku_ambiguous,
        case when not gtins.is_ambiguous then products.gtin end as own_gtin,
        case when not skus.is_ambiguous then products.sku end as own_sku
    from products
    left join gtins
        on products.gtin = gtins.gtin
    left join skus
        on products.sku = skus.sku
),

-- What has no GTIN has that of the SKU, if there is only one.
gtin_of_sku as (
    select
        own_sku,
        min(own_gtin) as least_gtin,
        max(own_gtin) as greatest_gtin
    from keyed
    where own_sku is not null
    group by own_sku
),

grouped as (
    select
        keyed.*,
        coalesce(gtin_of_sku.least_gtin <> gtin_of_sku.greatest_gtin, false) as has_rival_gtins,
        case
            when keyed.own_gtin is not null then concat('gtin:', keyed.own_gtin)
            when gtin_of_sku.least_gtin = gtin_of_sku.greatest_gtin then concat('gtin:', gtin_of_sku.least_gtin)
            when gtin_of_sku.least_gtin is null and keyed.own_sku is not null then concat('sku:', keyed.own_sku)
            else keyed.product_key
        end as group_key
    from keyed
    left join gtin_of_sku
        on keyed.own_sku = gtin_of_sku.own_sku
),

-- A SKU names a group that no other has; else its GTIN does, or the product's own id.
skus_of_groups as (
    select
        own_sku,
        min(group_key) as group_key,
        min(trim(product_code)) as spelled
    from grouped
    where own_sku is not null
    group by own_sku
    having min(group_key) = max(group_key)
),

named as (
    select
        group_key,
        min(spelled) as spelled
    from skus_of_groups
    group by group_key
),

counted as (
    select
        grouped.*,
        coalesce(named.spelled, grouped.group_key) as matched_code,
        count(*) over (partition by grouped.group_key) as group_count,
        count(grouped.own_gtin) over (partition by grouped.group_key) as gtin_count,
        first_value(grouped.product_key) over (
            partition by grouped.group_key
            order by
                case when grouped.is_active then 0 else 1 end,
                case when grouped.category is null then 1 else 0 end,
                grouped.connection,
                grouped.product_id
        ) as matched_product_key
    from grouped
    left join named
        on grouped.group_key = named.group_key
)

select
    product_key,
    connection,
    source_system,
    product_id as source_product_id,
    case when parent_product_id is not null then concat(connection, ':', parent_product_id) end as parent_product_key,
    matched_code as product_code,
    matched_product_key,
    product_key = matched_product_key as is_main,
    {{ same_code('product_code') }} as compared_code,
    case when sku is not null then trim(product_code) end as sku,
    gtin,
    barcode,
    product_name,
    variant_name,
    category,
    product_kind,
    is_active,
    created_at,
    updated_at,
    group_count as matched_count,
    case
        when group_count > 1 and own_gtin is not null and gtin_count > 1 then 'gtin'
        when group_count > 1 then 'sku'
        when is_gtin_ambiguous then 'ambiguous_gtin'
        when is_sku_ambiguous then 'ambiguous_sku'
        when has_rival_gtins then 'rival_gtins'
        else 'only_here'
    end as match_reason
from counted
