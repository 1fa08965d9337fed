# Two commands matter to a new user: `make demo` and `make test`. Each sets up what it needs.
PYTHONS := 3.11 3.12 3.13
IS_ONE := import sys; sys.exit("%d.%d" % sys.version_info[:2] not in "$(PYTHONS)".split())
# The first that runs: a name may be there without one behind it (pyenv).
PYTHON ?= $(shell for each in $(PYTHONS:%=python%) python3; do $$each -c '$(IS_ONE)' 2>/dev/null && echo $$each && break; done)
comma := ,
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
READY := .venv/.ready
CONTRACTS := .venv-contracts
CONTRACTS_KLAVIYO := .venv-contracts-klaviyo
PEERS := .venv-peers
UPGRADE = --upgrade
SQL := dbt_project/models dbt_project/tests expectations/checks scaffold
DEMO ?=

.DEFAULT_GOAL := help
.PHONY: help demo up test test-spark test-heavy test-pythons check new-source bench format lock contracts peers docs sources-page clean java browser

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(READY)  ## run the end-to-end pipeline against the demo world (DEMO="--persons 2000" for a small one, DEMO="--company boutique" for another company)
	$(BIN)/python -m demo run $(DEMO)

up: $(READY)  ## the same, then keep Airflow, the reports and the simulated vendors running
	$(BIN)/python -m demo run --keep-running $(DEMO)

test: check browser  ## all checks and all tests
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

# In one process: two Spark drivers beside a cluster are too many for two cores.
test-spark: java .venv/.ready-spark  ## the same warehouse on a Spark cluster of two workers (needs Java 17)
	$(BIN)/pytest -m spark --durations=10

test-heavy: java .venv/.ready-spark .venv/.ready-executors  ## what is too long for every change
	$(BIN)/pytest -m heavy

# A build of everything over nothing, and what is quick: what differs between versions of Python shows there.
PYTHON_TESTS ?= tests/test_project.py tests/connectors tests/warehouse tests/o2o/commands tests/o2o/pipeline/test_build.py tests/dags

test-pythons: $(READY)  ## the locked environment and a part of the tests on each Python from 3.11 to 3.13 that is found
	@for version in $(PYTHONS); do \
		python=$$($(BIN)/uv python find --no-python-downloads $$version 2>/dev/null) || \
			{ echo "Python $$version: not found, not tried (install it, e.g. uv python install $$version)"; continue; }; \
		echo "Python $$version: $$python"; \
		test .venv-$$version/.ready -nt requirements/base.txt || { $$python -m venv .venv-$$version \
			&& .venv-$$version/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/base.txt \
			&& .venv-$$version/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . \
			&& touch .venv-$$version/.ready; } || exit 1; \
		.venv-$$version/bin/python -m pytest -q $(PYTHON_TESTS) || exit 1; \
	done

check: $(READY)  ## style, types, import rules, SQL style (no tests)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes 2 $(SQL)

new-source: $(READY)  ## write a working toy source to start from (NAME=acme)
	$(BIN)/python -m scaffold $(NAME)
	@$(MAKE) --no-print-directory sources-page

bench: $(READY)  ## accuracy over several worlds (minutes; results are recorded in docs/measurements.md)
	$(BIN)/python -m benchmarks.accuracy --seed 7 --seed 8 --seed 9

format: $(READY)  ## rewrite the code in the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix $(SQL)

# One lock for all of $(PYTHONS), and one version of a package for all of them, where there is one.
COMPILE := $(BIN)/uv pip compile -q --universal --fork-strategy fewest --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock"

lock: $(READY)  ## pin and hash the newest versions that pyproject.toml allows (UPGRADE= adds what is new, and no more)
	$(COMPILE) $(UPGRADE) --extra stack --extra demo --extra dev pyproject.toml -o requirements/base.txt
	for extra in spark executors; do $(COMPILE) $(UPGRADE) --extra $$extra \
		--constraint requirements/base.txt \
		$$(sed -nE 's/^([a-z0-9._-]+)(\[.*\])?==.*/--no-emit-package \1/p' requirements/base.txt) \
		pyproject.toml -o requirements/$$extra.txt > /dev/null \
		&& sed -i.all '/^$$/,$$d' requirements/$$extra.txt && rm requirements/$$extra.txt.all || exit 1; done
	for own in contracts contracts-klaviyo peers; do $(COMPILE) $(UPGRADE) requirements/$$own.in \
		-o requirements/$$own.txt || exit 1; done

contracts: $(READY) $(CONTRACTS)/.ready $(CONTRACTS_KLAVIYO)/.ready  ## hold requests and the simulated answers against the vendors' own specs
	$(BIN)/python -m tests.contracts.record var/contracts
	$(CONTRACTS)/bin/pytest -q -c tests/contracts/pytest.ini tests/contracts --ignore tests/contracts/test_klaviyo.py
	$(CONTRACTS_KLAVIYO)/bin/pytest -q -c tests/contracts/pytest.ini tests/contracts/test_klaviyo.py

peers: $(READY) $(PEERS)/.ready  ## time attribution beside two libraries (minutes; docs/attribution.md has the figures)
	$(BIN)/python -m benchmarks.attribution --peers $(PEERS)/bin/python

docs: sources-page  ## write anew what is told from declarations; the dictionary of the marts and their contracts into var/docs
	$(BIN)/python -m o2o.commands.exposures_file > exposures.new && mv exposures.new dbt_project/models/exposures.yml
	$(BIN)/python -m o2o.commands.metrics_page > docs/metrics.md.new && mv docs/metrics.md.new docs/metrics.md
	$(BIN)/o2o dictionary site --to var/docs
	$(BIN)/o2o dictionary contracts --to var/docs/contracts

sources-page: $(READY)
	$(BIN)/python -m o2o.commands.sources_page > docs/sources.md.new && mv docs/sources.md.new docs/sources.md

clean:  ## forget the demo: its world, its landing zone, its warehouse, its Airflow
	rm -rf var

# pip, not a faster installer: it is there, and it honours the mirrors and certificates set up for it.
$(READY): pyproject.toml requirements/base.txt
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(IS_ONE)' || { echo "One of Python $(PYTHONS) is needed$(if $(PYTHON),$(comma) and $(PYTHON) is none). Install one$(comma) then run make again:"; \
		echo "  Debian, Ubuntu:  sudo apt install python3 python3-venv    (or python3.11 python3.11-venv)"; \
		echo "  Fedora:          sudo dnf install python3.13"; \
		echo "  macOS:           brew install python@3.13"; \
		echo "  with uv:         uv python install 3.13"; \
		echo "or name the one you have: make PYTHON=/path/to/python3.13"; exit 1; }
	$(PYTHON) -m venv .venv || { echo "$(PYTHON) cannot make environments: install its module venv (Debian, Ubuntu: sudo apt install python3-venv)"; exit 1; }
	$(PIP) --require-hashes --no-deps -r requirements/base.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# What only some need: four hundred megabytes of Spark, the providers of Celery and Kubernetes.
.venv/.ready-%: requirements/%.txt $(READY)
	$(PIP) --require-hashes --no-deps --no-build-isolation -r $<
	@touch $@

java:
	@command -v java >/dev/null || test -x "$$JAVA_HOME/bin/java" || { echo "Spark needs Java 17 or newer: install it (Debian: openjdk-17-jre-headless) or set JAVA_HOME"; exit 1; }

# A machine that has no browser and can get none skips the tests that look at a page, and says so.
browser:
	@for each in chromium chromium-browser google-chrome google-chrome-stable; do command -v $$each >/dev/null && exit 0; done; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		echo "No browser is installed: installing Debian's chromium"; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends chromium fonts-dejavu-core >/dev/null; } \
		|| echo "It could not be installed, so nobody looks at the pages"; \
	else echo "No browser is installed, so nobody looks at the pages: install one (Debian: sudo apt install chromium)"; fi

# The vendors' SDKs and the libraries that we are measured against pin what the project pins otherwise: each set has an
# environment of its own, and so has Klaviyo's SDK, which has a module of the same name as Microsoft's.
.venv-%/.ready: requirements/%.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	@touch $@
