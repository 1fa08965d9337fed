{#- Tables that live as long as one model's work. -#}

{% macro duckdb__scratch_relation(name) -%}
    {{ return(name) }}
{%- endmacro %}

{% macro duckdb__replace_scratch_table(relation, query) -%}
    {% call statement('scratch') %}
        create or replace temp table {{ relation }} as {{ query }}
    {% endcall %}
{%- endmacro %}

{#- Spark has temporary views only, which compute their query at every use; so these are tables, named
    after the model, because all models share one catalog. -#}
{% macro spark__scratch_relation(name) -%}
    {{ return(api.Relation.create(schema=this.schema, identifier=this.identifier ~ '__' ~ name, type='table')) }}
{%- endmacro %}

{% macro spark__replace_scratch_table(relation, query) -%}
    {% call statement('drop_scratch') %}
        drop table if exists {{ relation }}
    {% endcall %}
    {% call statement('scratch') %}
        create table {{ relation }} using parquet as {{ query }}
    {% endcall %}
{%- endmacro %}
