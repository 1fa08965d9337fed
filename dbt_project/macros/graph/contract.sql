{#-
    Connected components by contraction, in numbers: a round replaces every node by a neighbour and
    takes the edges along, until no edge is left that joins two nodes. Whatever neighbour a node is
    replaced by, what hung together hangs together afterwards and nothing else does; so a node's
    root is found by following the rounds in order. The last leads to the component's smallest number,
    so that a root says nothing of how and when it was found.

    The first round replaces each node_a by its smallest node_b and leaves the other nodes alone:
    where records (node_a) meet identifiers (node_b), the records are gone after it. A later round
    lets every node that has a smaller neighbour hook onto its smallest. Numbers are hashes, so the
    hooks of most graphs form short chains and few rounds do; for the graph that is unlucky, round n
    follows the chains over 2^(n - 1) hooks, which bounds the rounds by about twice the logarithm of
    the number of nodes, whatever the shape.

    Each round is a statement of its own: unrolled into one, the plan outgrows memory. A statement's
    joins are left joins in a row: DuckDB takes tables of the open transaction for empty, and is free
    to order inner joins with a `<>` so that it compares every node with every other.
-#}

{#- `edges` names a table with (a_no, b_no). Returns its rounds, for graph_roots: the names of tables
    (node_no, hook_no), in which a node that stays what it is may be missing. -#}
{% macro graph_contract(edges) -%}
    {%- set state = namespace(edges=edges, rounds=[], has_edges=true) -%}
    {#- Jinja has no while; 100 rounds are enough for 2^50 nodes. -#}
    {%- for round in range(100) if state.has_edges -%}
        {%- if round == 0 -%}
            {%- set query = "select a_no as node_no, min(b_no) as hook_no from " ~ edges ~ " group by a_no" -%}
        {%- else -%}
            {#- A case, because DuckDB's greatest() takes twice the time. -#}
            {%- set query = "
                select node_no, min(lower_no) as hook_no
                from (
                    select
                        case when a_no < b_no then b_no else a_no end as node_no,
                        case when a_no < b_no then a_no else b_no end as lower_no
                    from " ~ state.edges ~ "
                ) as ordered
                group by node_no
            " -%}
        {%- endif -%}
        {%- set hooks = graph_jumped('hooks_' ~ round, query, round - 1) -%}
        {%- do state.rounds.append(hooks) -%}
        {%- set contracted = graph_scratch('contracted_' ~ round, "
            select " ~ ('distinct' if round) ~ " a_no, b_no
            from (
                select
                    coalesce(a_hooks.hook_no, edges.a_no) as a_no,
                    coalesce(b_hooks.hook_no, edges.b_no) as b_no
                from " ~ state.edges ~ " as edges
                left join " ~ hooks ~ " as a_hooks on edges.a_no = a_hooks.node_no
                left join " ~ hooks ~ " as b_hooks on edges.b_no = b_hooks.node_no
            ) as moved
            where a_no <> b_no
        ") -%}
        {%- if round -%}{%- do graph_drop(state.edges) -%}{%- endif -%}
        {%- set state.edges = contracted -%}
        {%- set state.has_edges = graph_has_rows(contracted) -%}
    {%- endfor -%}
    {%- do graph_drop(state.edges) -%}
    {#- A root is smaller than all that a later round replaced, but the first replaced smaller ones too. -#}
    {%- do state.rounds.append(graph_scratch('smallest', "
        select root_no as node_no, case when min(node_no) < root_no then min(node_no) else root_no end as hook_no
        from " ~ graph_roots(state.rounds[0], state.rounds[1:], 'hook_no') ~ " as rooted
        group by root_no
    ")) -%}
    {{ return(state.rounds) }}
{%- endmacro %}

{#- The table of hooks that `query` makes, each led on as far as 2^times of them in a row. -#}
{% macro graph_jumped(name, query, times) -%}
    {%- set state = namespace(hooks=graph_scratch(name, query)) -%}
    {%- for jump in range(times) -%}
        {%- set jumped = graph_scratch(name ~ '_' ~ jump, "
            select hooks.node_no, coalesce(next_hooks.hook_no, hooks.hook_no) as hook_no
            from " ~ state.hooks ~ " as hooks
            left join " ~ state.hooks ~ " as next_hooks on hooks.hook_no = next_hooks.node_no
        ") -%}
        {%- do graph_drop(state.hooks) -%}
        {%- set state.hooks = jumped -%}
    {%- endfor -%}
    {{ return(state.hooks) }}
{%- endmacro %}

{#- A subquery: the rows of `source` with all its columns and the root of its column `start_no`, as
    root_no: the smallest number of its component. -#}
{% macro graph_roots(source, rounds, start_no='node_no') -%}
    {%- set state = namespace(query="(select *, " ~ start_no ~ " as root_0 from " ~ source ~ " as source)") -%}
    {%- for hooks in rounds -%}
        {%- set state.query = "(
            select here.*, coalesce(hooks.hook_no, here.root_" ~ loop.index0 ~ ") as root_" ~ loop.index ~ "
            from " ~ state.query ~ " as here
            left join " ~ hooks ~ " as hooks on here.root_" ~ loop.index0 ~ " = hooks.node_no
        )" -%}
    {%- endfor -%}
    {{ return("(select *, root_" ~ (rounds | length) ~ " as root_no from " ~ state.query ~ " as followed)") }}
{%- endmacro %}
