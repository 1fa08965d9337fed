"""What every source shares: settings, tokens, HTTP with retries, rate budget, paging, landing.

A source module is a declaration on top of this: which settings it needs, which streams it has, and
how one request of each stream looks.
"""
