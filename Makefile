# The menu of this repository. `make demo` and `make test` need nothing but make and Python 3.11 to 3.13.
.DEFAULT_GOAL := help
.PHONY: help demo test ui chaos readers lint format types bench advisories lock clean
DEMO_HOME := $(CURDIR)/.towpath
BIN := .venv/bin
COMPILE := --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url
# Tests run in a random order and try properties on random examples; the same seed gives the same ones.
SEED ?= 1
SEEDED := --randomly-seed=$(SEED) --hypothesis-seed=$(SEED)
export PYTHON

help: ## say what can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## set everything up and show Towpath at work (ONCE=1: stop after the report)
	@tools/set-up run
	@tools/build-ui
	@TOWPATH_HOME="$(DEMO_HOME)" $(BIN)/towpath demo $(if $(ONCE),--once)

test: ## set everything up and run all checks and tests (AGAIN=1: what failed once more, by itself)
	@tools/set-up dev
	@tools/build-ui
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest --cache-clear -n 4 --dist loadscope --no-loadscope-reorder $(SEEDED) || \
		{ test $$? = 1 && test -n "$(AGAIN)" && tools/try-again $(SEEDED); }

ui: ## build the workspace's pages (does nothing when they are up to date)
	@tools/set-up run
	@tools/build-ui

chaos: ## 200 random histories of crashes, faults and changes instead of a few (SEEDS=N)
	@tools/set-up dev
	TOWPATH_CHAOS_SEEDS=$(or $(SEEDS),200) TOWPATH_HISTORIES=$(or $(HISTORIES),30) $(BIN)/pytest \
		tests/chaos tests/replicate/test_replicate_machine.py -n 2 --dist load --randomly-seed=$(SEED)

readers: ## read tables with Spark and pandas as well (half a gigabyte of packages; Spark needs Java 17)
	@tools/set-up dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade \
		--target .readers -r requirements-readers.lock
	PYTHONPATH=.readers $(BIN)/pytest tests/lake/test_lake_readers.py $(SEEDED)

lint: ## style, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	npm run --silent lint

format: ## put the code into its standard form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: ## measure, beside peers, and write bench/results
	@tools/set-up dev
	$(BIN)/python -m bench

advisories: ## ask for known holes in the packages that are used (needs uv and the internet)
	uvx pip-audit --require-hashes --disable-pip -r requirements.lock
	npm audit --omit=dev

lock: ## resolve the dependencies anew (needs uv)
	uv pip compile $(COMPILE) --extra dev -o requirements-dev.lock pyproject.toml
	uv pip compile $(COMPILE) --extra build -c requirements-dev.lock -o requirements.lock pyproject.toml
	uv pip compile $(COMPILE) --group readers -c requirements-dev.lock -o requirements-readers.lock

clean: ## remove what the demo and the tests left
	rm -rf "$(DEMO_HOME)" .pytest_cache .mypy_cache .ruff_cache .hypothesis
