{% from "_records.sql" import faulty with context %}
{{ faulty("is_set_aside and not is_accepted", "0") }}
