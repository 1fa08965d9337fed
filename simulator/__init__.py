"""The demo world: a seeded retailer with a known truth, and the vendors' HTTP APIs over it.

An outside world: it imports nothing else of this project, and nothing but the demo launcher and the
tests imports it.
"""
