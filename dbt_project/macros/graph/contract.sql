{#-
    Connected components by contraction, in numbers: a round replaces every node by a neighbour and
    takes the edges along, until no edge is left that joins two nodes. Whatever neighbour a node is
    replaced by, what hung together hangs together afterwards and nothing else does; so a node's
    root is found by following the rounds in order. It is the component's smallest number, so that a
    root says nothing of how and when it was found.

    A round lets every node that has a smaller neighbour hook onto its smallest, and follows one more
    hook. Numbers are hashes, so most graphs need few rounds: of a long chain a good third is left by
    each. For the graph that is unlucky, round 10 + n follows 2^n hooks, which bounds the rounds by
    about the logarithm of the number of nodes, whatever the shape.

    Where records (node_a) meet identifiers (node_b), a round before these replaces each node_a by its
    smallest node_b and leaves the other nodes alone: the records are gone after it.

    Each round is a statement of its own: unrolled into one, the plan outgrows memory. A statement's
    joins are left joins in a row: DuckDB takes tables of the open transaction for empty, and is free
    to order inner joins with a `<>` so that it compares every node with every other.
-#}

{#- `edges` names a table with (a_no, b_no). Returns its rounds, for graph_roots: the names of tables
    (node_no, hook_no), in which a node that stays what it is may be missing. `may_have_sides` is false
    where a_no and b_no are known to be of one kind. -#}
{% macro graph_contract(edges, may_have_sides=true) -%}
    {%- set state = namespace(edges=edges, rounds=[], has_edges=true) -%}
    {%- set first = [] -%}
    {%- if may_have_sides and graph_has_sides(edges) -%}
        {%- do first.append(graph_scratch(
            'hooks_of_a', "select a_no as node_no, min(b_no) as hook_no from " ~ edges ~ " group by a_no"
        )) -%}
        {%- set state.edges = graph_moved('contracted_odd', edges, first[0]) -%}
        {%- set state.has_edges = graph_has_rows(state.edges) -%}
    {%- endif -%}
    {#- Jinja has no while; 100 rounds are enough for 2^90 nodes. -#}
    {%- for round in range(100) if state.has_edges -%}
        {#- A case, because DuckDB's greatest() takes twice the time. -#}
        {%- set hooks = graph_jumped('hooks_' ~ round, "
            select node_no, min(lower_no) as hook_no
            from (
                select
                    case when a_no < b_no then b_no else a_no end as node_no,
                    case when a_no < b_no then a_no else b_no end as lower_no
                from " ~ state.edges ~ "
            ) as ordered
            where node_no <> lower_no
            group by node_no
        ", [1, round - 10] | max) -%}
        {%- do state.rounds.append(hooks) -%}
        {%- set state.edges = graph_moved(
            'contracted_' ~ loop.cycle('even', 'odd'), state.edges, hooks, 'distinct' if round else ''
        ) -%}
        {%- set state.has_edges = graph_has_rows(state.edges) -%}
    {%- endfor -%}
    {%- do graph_drop([graph_scratch_relation('contracted_even'), graph_scratch_relation('contracted_odd')]) -%}
    {%- set last = graph_composed('roots', state.rounds) -%}
    {%- if first -%}{%- set last = graph_smallest(first[0], last) -%}{%- endif -%}
    {{ return(first + [last]) }}
{%- endmacro %}

{#- Whether node_a and node_b seem to be of two kinds. By a sample: only time depends on it. -#}
{% macro graph_has_sides(edges) -%}
    {%- set sample = run_query("select distinct a_no from (select a_no from " ~ edges ~ " limit 100) as sampled") -%}
    {%- set numbers = sample.columns[0].values() -%}
    {{ return(numbers and not graph_has_rows(edges ~ " where b_no in (" ~ numbers | join(', ') ~ ")")) }}
{%- endmacro %}

{#- The edges with their ends replaced, but for those that became loops. -#}
{% macro graph_moved(name, edges, hooks, distinct='') -%}
    {{ return(graph_scratch(name, "
        select " ~ distinct ~ " a_no, b_no
        from (
            select
                coalesce(a_hooks.hook_no, edges.a_no) as a_no,
                coalesce(b_hooks.hook_no, edges.b_no) as b_no
            from " ~ edges ~ " as edges
            left join " ~ hooks ~ " as a_hooks on edges.a_no = a_hooks.node_no
            left join " ~ hooks ~ " as b_hooks on edges.b_no = b_hooks.node_no
        ) as moved
        where a_no <> b_no
    ")) }}
{%- endmacro %}

{#- The table of hooks that `query` makes, each led on as far as 2^times of them in a row. -#}
{% macro graph_jumped(name, query, times) -%}
    {%- set jumped -%}
        select hooks.node_no, coalesce(next_hooks.hook_no, hooks.hook_no) as hook_no
        from hooks
        left join hooks as next_hooks on hooks.hook_no = next_hooks.node_no
    {%- endset -%}
    {%- set state = namespace(hooks=graph_scratch(name, "with hooks as (" ~ query ~ ") " ~ jumped)) -%}
    {%- for jump in range(1, times) -%}
        {%- set further = graph_scratch(name ~ '_' ~ jump, "with hooks as (select * from " ~ state.hooks ~ ") " ~ jumped) -%}
        {%- do graph_drop([state.hooks]) -%}
        {%- set state.hooks = further -%}
    {%- endfor -%}
    {{ return(state.hooks) }}
{%- endmacro %}

{#- One table that does what the tables of hooks in `rounds` do in a row, made from the last, the
    smallest, to the first; drops them. A number that hooked earlier may be another node's later. -#}
{% macro graph_composed(name, rounds) -%}
    {%- set state = namespace(hooks=none) -%}
    {%- for hooks in rounds | reverse -%}
        {%- if state.hooks is none -%}
            {%- set state.hooks = hooks -%}
        {%- else -%}
            {%- set composed = graph_scratch(name ~ '_' ~ loop.cycle('even', 'odd'), "
                select hooks.node_no, coalesce(later.hook_no, hooks.hook_no) as hook_no
                from " ~ hooks ~ " as hooks
                left join " ~ state.hooks ~ " as later on hooks.hook_no = later.node_no
                union all
                select later.node_no, later.hook_no
                from " ~ state.hooks ~ " as later
                left join " ~ hooks ~ " as hooks on later.node_no = hooks.node_no
                where hooks.node_no is null
            ") -%}
            {%- set state.hooks = composed -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set made = [graph_scratch_relation(name ~ '_even'), graph_scratch_relation(name ~ '_odd')] -%}
    {%- do graph_drop((rounds + made) | reject('equalto', state.hooks) | list) -%}
    {{ return(state.hooks) }}
{%- endmacro %}

{#- `rest` follows `first`, but where `first` replaced a smaller number than the root it led to. -#}
{% macro graph_smallest(first, rest) -%}
    {%- set smallest = graph_scratch('smallest', "
        select root_no as node_no, min(node_no) as hook_no
        from " ~ graph_roots(first, [rest] if rest else [], 'hook_no') ~ " as rooted
        group by root_no
        having min(node_no) < root_no
    ") -%}
    {{ return(graph_composed('smallest_roots', [rest, smallest]) if rest else smallest) }}
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
