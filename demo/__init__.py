"""The demo: runs the end-to-end pipeline over the simulated retailer and scores the result."""
