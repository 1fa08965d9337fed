"""The vendors' HTTP APIs over a generated world, on loopback, in the vendors' own shapes."""
