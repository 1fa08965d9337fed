{#- Brings a graph to the edges that `query` selects as (node_a, node_b). -#}
{% macro graph_update(graph, query) -%}
    {%- set state = namespace(graph=graph) -%}
    {%- set change = graph_difference(graph, query) -%}
    {%- if graph_has_rows(change.gone_edges) -%}
        {%- set state.graph = graph_remove(state.graph, change.gone_edges) -%}
    {%- endif -%}
    {%- if graph_has_rows(change.new_edges) -%}
        {%- set state.graph = graph_add(state.graph, change.new_edges) -%}
    {%- endif -%}
    {%- do graph_drop([change.gone_edges, change.new_edges]) -%}
    {{ return(state.graph) }}
{%- endmacro %}

{#- What is to be added to a graph and removed from it, as graph_add and graph_remove want it. -#}
{% macro graph_difference(graph, query) -%}
    {%- set found = graph_scratch('found_edges', graph_numbered(query)) -%}
    {%- set gone_edges = graph_scratch('gone_edges', "
        select distinct edges.a_no, edges.b_no
        from " ~ graph.edges ~ " as edges
        anti join " ~ found ~ " as found on edges.a_no = found.a_no and edges.b_no = found.b_no
    ") -%}
    {%- do graph_drop([found]) -%}
    {%- set new_edges = graph_scratch('new_edges', "
        select distinct found.node_a, found.node_b, found.a_no, found.b_no
        from (" ~ graph_numbered(query, keys=true) ~ ") as found
        anti join " ~ graph.edges ~ " as edges on found.a_no = edges.a_no and found.b_no = edges.b_no
    ") -%}
    {{ return({'gone_edges': gone_edges, 'new_edges': new_edges}) }}
{%- endmacro %}
