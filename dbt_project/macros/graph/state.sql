{#-
    A graph stands in two tables beside the model's view, in numbers, because these join and compare
    faster than keys:

    nodes  one row per node: its key, its number, a check, and the number of its component
    edges  one row per edge: the numbers of its ends (a full build keeps edges that were given twice)

    A node's number is a hash of its key, so no join is needed to find it and every run finds the same.
    Two keys with the same number would make one node of two: a build counts the numbers, an addition
    compares the checks, and both refuse to go on. A component's number is the smallest of its
    nodes: it stays until a node or edge comes or goes that changes the component, and a rebuild gives
    the same.

    The macros take a graph, {nodes: relation, edges: relation}, and return it changed; where an engine
    cannot change a table, that is another pair of relations.
-#}

{#- The edges that a query selects as (node_a, node_b), numbered. An edge without an end is none. -#}
{% macro graph_numbered(query, keys=false) -%}
    select
        {% if keys %}node_a, node_b,{% endif %}
        {{ graph_number('node_a') }} as a_no,
        {{ graph_number('node_b') }} as b_no
    from ({{ graph_pairs(query) }}) as pairs
{%- endmacro %}

{% macro graph_pairs(query) -%}
    select node_a, node_b
    from ({{ query }}) as selected
    where node_a is not null and node_b is not null
{%- endmacro %}

{#- Both ends of the edges that `source` (a table or subquery) holds, one row per edge and end. -#}
{% macro graph_ends(source, a, b, name) -%}
    select {{ a }} as {{ name }} from {{ source }} as a_ends
    union all
    select {{ b }} as {{ name }} from {{ source }} as b_ends
{%- endmacro %}

{% macro graph_number(key) -%}
    {{- adapter.dispatch('graph_number', 'o2o')(
        "concat(" ~ key ~ ", '" ~ var('graph_salt') ~ "')" if var('graph_salt', '') else key) -}}
{%- endmacro %}

{% macro graph_check(key) -%}
    {{- adapter.dispatch('graph_check', 'o2o')(key) -}}
{%- endmacro %}

{#- Stops the run if `clashes`, a number of rows, is not 0. -#}
{% macro graph_refuse_clashes(graph, clashes) -%}
    {%- if clashes -%}
        {%- do exceptions.raise_compiler_error(
            graph.nodes ~ ": " ~ clashes ~ " node keys got the number of another key, which would make one node"
            " of two. Nothing was changed. Set the dbt variable graph_salt to any other text: the next"
            " run numbers all keys anew."
        ) -%}
    {%- endif -%}
{%- endmacro %}

{%- macro graph_scratch_relation(name) -%}
    {{ return(adapter.dispatch('scratch_relation', 'o2o')('graph_' ~ name)) }}
{%- endmacro %}

{#- Writes a scratch table and returns its name. -#}
{% macro graph_scratch(name, query) -%}
    {%- set relation = graph_scratch_relation(name) -%}
    {%- do adapter.dispatch('replace_scratch_table', 'o2o')(relation, query) -%}
    {{ return(relation) }}
{%- endmacro %}

{#- As early as possible, because what is left of memory decides how much goes to disk. -#}
{% macro graph_drop(relations) -%}
    {%- do adapter.dispatch('drop_scratch_tables', 'o2o')(relations) -%}
{%- endmacro %}

{% macro graph_value(query) -%}
    {{ return(run_query(query).columns[0].values()[0]) }}
{%- endmacro %}

{% macro graph_has_rows(source) -%}
    {{ return(graph_value('select count(*) from (select 1 as one from ' ~ source ~ ' limit 1) as first') > 0) }}
{%- endmacro %}

{#- Where the graph of the model stands. -#}
{% macro graph_relations(version) -%}
    {{ return({'nodes': standing_relation('nodes', version), 'edges': standing_relation('edges', version)}) }}
{%- endmacro %}

{#- Whether the model's graph is there, and numbered as this run numbers keys: an engine's new version
    may hash otherwise. -#}
{% macro graph_stands(graph) -%}
    {%- if load_cached_relation(graph.nodes) is none or load_cached_relation(graph.edges) is none -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set wrong = graph_value("
        select count(*) from (select node, node_no from " ~ graph.nodes ~ " limit 100) as some_nodes
        where node_no <> " ~ graph_number('node')
    ) -%}
    {{ return(wrong == 0) }}
{%- endmacro %}
