"""The demo: runs the whole road over the simulated retailer and scores what came out of it."""
