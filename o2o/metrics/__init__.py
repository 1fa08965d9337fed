"""The semantic layer: each metric defined once, and computed from what is published."""
