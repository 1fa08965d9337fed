{#-
    Fails the model unless the columns that `meta.primary_key` names are never null and together unique, in all
    rows but those that are set aside.
    A hook of every model and not a test: a test is a node, whose start costs ten times its query; and here
    what fails is rolled back, so the table of before stays.
-#}
{% macro check_primary_key() -%}
    {%- do forget_ctes() -%}
    {%- set key = model.config.meta.primary_key if execute else none -%}
    {%- if key -%}
        {%- set broken -%}
            select count(*)
            from (
                select {{ key | join(', ') }}
                from {{ this }}
                {%- if '_faults' in model.columns %} where {{ is_sound() }}{% endif %}
                group by {{ key | join(', ') }}
                having count(*) > 1{% for column in key %} or {{ column }} is null{% endfor %}
            ) as broken
        {%- endset -%}
        {%- set count = run_query(broken).columns[0].values()[0] -%}
        {%- if count -%}
            {{ exceptions.raise_compiler_error(
                count ~ " key(s) of " ~ this ~ " are null or stand in several rows. Its key is ("
                ~ key | join(', ') ~ ")."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
