"""The warehouse's own commands: where things lie, build, audit, publish, and the ``o2o`` tool."""
