"""The semantic layer: each metric defined once, in the dbt project, and computed from what is published."""
