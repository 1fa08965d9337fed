# Two commands matter to a new user: `make demo` and `make test`. Each sets up what it needs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
READY := .venv/.ready
CONTRACTS := .venv-contracts
PEERS := .venv-peers
SQL := dbt_project/models dbt_project/tests expectations/checks scaffold
DEMO ?=

.DEFAULT_GOAL := help
.PHONY: help demo up test test-spark test-heavy check new-source bench format lock contracts peers clean java

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(READY)  ## run the end-to-end pipeline against the demo world (DEMO="--persons 2000" for a small one)
	$(BIN)/python -m demo run $(DEMO)

up: $(READY)  ## the same, then keep Airflow, the reports and the simulated vendors running
	$(BIN)/python -m demo run --keep-running $(DEMO)

test: check  ## all checks and all tests
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

# In one process: two Spark drivers beside a cluster are too many for two cores.
test-spark: java .venv/.ready-spark  ## the same warehouse on a Spark cluster of two workers (needs Java 17)
	$(BIN)/pytest -m spark --durations=10

test-heavy: java .venv/.ready-spark .venv/.ready-executors  ## what is too long for every change
	$(BIN)/pytest -m heavy

check: $(READY)  ## style, types, import rules, SQL style (no tests)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes 2 $(SQL)

new-source: $(READY)  ## write a working toy source to start from (NAME=acme)
	$(BIN)/python -m scaffold $(NAME)

bench: $(READY)  ## accuracy over several worlds (minutes; results are recorded in docs/measurements.md)
	$(BIN)/python -m benchmarks.accuracy --seed 7 --seed 8 --seed 9

format: $(READY)  ## rewrite the code in the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix $(SQL)

lock: $(READY)  ## pin and hash the newest versions that pyproject.toml allows
	$(BIN)/uv pip compile -q --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --extra stack --extra demo --extra dev \
		pyproject.toml -o requirements/base.txt
	for extra in spark executors; do $(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" --extra $$extra \
		--constraint requirements/base.txt \
		$$(sed -nE 's/^([a-z0-9._-]+)(\[.*\])?==.*/--no-emit-package \1/p' requirements/base.txt) \
		pyproject.toml | sed '/^$$/,$$d' > requirements/$$extra.txt || exit 1; done
	$(BIN)/uv pip compile -q --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" requirements/contracts.in -o requirements/contracts.txt
	$(BIN)/uv pip compile -q --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" requirements/peers.in -o requirements/peers.txt

contracts: $(READY) $(CONTRACTS)/.ready  ## hold requests and the simulated answers against the vendors' own specs
	$(BIN)/python -m tests.contracts.record var/contracts
	$(CONTRACTS)/bin/pytest -q -c tests/contracts/pytest.ini tests/contracts

peers: $(READY) $(PEERS)/.ready  ## time attribution beside two libraries (minutes; docs/attribution.md has the figures)
	$(BIN)/python -m benchmarks.attribution --peers $(PEERS)/bin/python

clean:  ## forget the demo: its world, its landing zone, its warehouse, its Airflow
	rm -rf var

# pip, not a faster installer: it is there, and it honours the mirrors and certificates set up for it.
$(READY): pyproject.toml requirements/base.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; v == (3, 11) or sys.exit(f"Python 3.11 is needed, $(PYTHON) is {v[0]}.{v[1]}: run make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes --no-deps -r requirements/base.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# What only some need: four hundred megabytes of Spark, the providers of Celery and Kubernetes.
.venv/.ready-%: requirements/%.txt $(READY)
	$(PIP) --require-hashes --no-deps --no-build-isolation -r $<
	@touch $@

java:
	@command -v java >/dev/null || test -x "$$JAVA_HOME/bin/java" || { echo "Spark needs Java 17 or newer: install it (Debian: openjdk-17-jre-headless) or set JAVA_HOME"; exit 1; }

# The vendors' SDKs want an environment of their own: they pin what the project pins otherwise.
$(CONTRACTS)/.ready: requirements/contracts.txt
	$(PYTHON) -m venv $(CONTRACTS)
	$(CONTRACTS)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
		-r requirements/contracts.txt
	@touch $@

# The libraries we are measured against, and what they need.
$(PEERS)/.ready: requirements/peers.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
		-r requirements/peers.txt
	@touch $@
