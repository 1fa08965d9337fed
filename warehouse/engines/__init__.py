"""The engines that hold the warehouse, DuckDB and Spark, behind one interface: what differs, once.

Only what lies outside dbt: reading tables for the audit, copying them for the publication, and the
Spark session. The models' own differences are macros in ``dbt_project/macros/engine``.
"""
