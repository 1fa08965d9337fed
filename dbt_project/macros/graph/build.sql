{#- Builds the graph of the edges that `query` selects as (node_a, node_b) into the relations of `graph`
    (see state.sql), replacing what is there. The query is run three times, the last two for a column
    each: let it select from a table, not compute. -#}
{% macro graph_build(graph, query) -%}
    {%- set edges = graph_scratch('edges', graph_numbered(query)) -%}
    {%- set rounds = graph_contract(edges) -%}
    {%- do write_table(graph.edges, "select a_no, b_no from " ~ edges) -%}
    {%- do graph_drop([edges]) -%}
    {%- set pairs = "(" ~ graph_pairs(query) ~ ")" -%}
    {%- do write_table(graph.nodes, "
        select node, node_no, " ~ graph_check('node') ~ " as check_no, root_no as component_no
        from " ~ graph_roots("(
            select node, " ~ graph_number('node') ~ " as node_no
            from (" ~ graph_ends(pairs, 'node_a', 'node_b', 'node') ~ ") as ends
            group by node
        )", rounds) ~ " as rooted
    ") -%}
    {%- do graph_drop(rounds) -%}
    {%- do graph_refuse_clashes(graph, graph_value(
        "select count(*) - count(distinct node_no) from " ~ graph.nodes
    )) -%}
    {{ return(graph) }}
{%- endmacro %}
