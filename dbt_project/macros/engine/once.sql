{#- Spark puts a CTE into the plan as often as it is read, and what reads it again, so that a model of thirty CTEs is
    planned for minutes. Of a model whose meta says `ctes_on_spark: once`, those that are read more than once are
    scratch tables there, dropped by `forget_ctes`. Its CTEs stand at the left edge: `name as (` … `)`. -#}
{% macro create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {%- set is_once = target.type == 'spark' and config.get('meta', {}).get('ctes_on_spark') == 'once' -%}
    {{- adapter.dispatch('create_table_as', 'dbt')(
        temporary, relation, computed_once(compiled_code) if is_once else compiled_code, language, **kwargs) -}}
{%- endmacro %}

{% macro computed_once(code) -%}
    {%- set ctes = modules.re.findall('(?ms)^([a-z_0-9]+) as \\((.*?)^\\)(?:,|$)', code) -%}
    {%- set names = ctes | map(attribute=0) | list -%}
    {%- set before = [] -%}
    {%- for name, body in ctes -%}
        {%- set uses = modules.re.findall('(?:from|join)\\s+' ~ name ~ '\\b', code) | length -%}
        {%- set reads = modules.re.findall('(?:from|join)\\s+([a-z_0-9]+)\\b', body) -%}
        {%- if uses > 1 and reads | select('in', names) | list -%}
            {%- set table = spark__scratch_relation('once_' ~ name) -%}
            {%- do spark__replace_scratch_table(table, ('with ' ~ before | join(', ') ~ ' ' if before else '') ~ body) -%}
            {%- do before.append(name ~ ' as (select * from ' ~ table ~ ')') -%}
        {%- else -%}
            {%- do before.append(name ~ ' as (' ~ body ~ ')') -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return('with ' ~ before | join(',\n') ~ modules.re.split('(?m)^\\)$', code) | last) -}}
{%- endmacro %}

{#- Drops what `computed_once` made for the model. -#}
{% macro forget_ctes() -%}
    {%- if execute and target.type == 'spark' and model.config.meta.ctes_on_spark == 'once' -%}
        {%- for row in run_query("show tables in " ~ this.schema ~ " like '" ~ this.identifier ~ "__once_*'") -%}
            {%- do spark__drop_scratch_tables([api.Relation.create(schema=this.schema, identifier=row[1], type='table')]) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
