"""A new source to start from: `make new-source NAME=acme` copies the toy source in `acme/`."""
