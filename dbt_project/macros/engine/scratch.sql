{#- Tables that live as long as one model's work. -#}

{% macro duckdb__scratch_relation(name) -%}
    {{ return(name) }}
{%- endmacro %}

{#- Outside a transaction, unless one is open: DuckDB reads what is committed in parallel, the rest not. -#}
{% macro duckdb__replace_scratch_table(relation, query) -%}
    {% call statement('scratch', auto_begin=False) %}
        create or replace temp table {{ relation }} as {{ query }}
    {% endcall %}
{%- endmacro %}

{% macro duckdb__drop_scratch_tables(relations) -%}
    {% call statement('drop_scratch', auto_begin=False) %}
        {% for relation in relations %}drop table if exists {{ relation }};{% endfor %}
    {% endcall %}
{%- endmacro %}

{#- Spark has temporary views only, which compute their query at every use; so these are tables, named
    after the model, because all models share one catalog. -#}
{% macro spark__scratch_relation(name) -%}
    {{ return(api.Relation.create(schema=this.schema, identifier=this.identifier ~ '__' ~ name, type='table')) }}
{%- endmacro %}

{% macro spark__replace_scratch_table(relation, query) -%}
    {%- do spark__drop_scratch_tables([relation]) -%}
    {% call statement('scratch') %}
        create table {{ relation }} using parquet as {{ query }}
    {% endcall %}
{%- endmacro %}

{% macro spark__drop_scratch_tables(relations) -%}
    {%- for relation in relations -%}
        {% call statement('drop_scratch') %}
            drop table if exists {{ relation }}
        {% endcall %}
    {%- endfor -%}
{%- endmacro %}
