# MASH Front Door. `make help` lists what can be done; `make run` needs nothing but Python 3.11 or newer.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

BUS ?= postgres
DATA ?= data
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
MASH := $(BIN)/python -m mash
# The lock names every package with its hash: pip need not resolve, nor ask what depends on what.
INSTALL := $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --no-deps --require-hashes
CAN_RUN := $(VENV)/.can-run
CAN_TEST := $(VENV)/.can-test

COMPOSE_SETTINGS := $(DATA)/compose.env
DOCKER_COMPOSE := docker compose --env-file $(COMPOSE_SETTINGS)

.PHONY: help run simulate test test-fast check format kafka up down bench chaos lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

run: $(CAN_RUN) ## everything on this machine, and the story of the example contacts (BUS=kafka: on a real Kafka)
	@$(MASH) up --bus $(BUS) --data-dir $(DATA) $(ARGS)

simulate: $(CAN_RUN) ## a month of 2,080 made-up contacts, in what `mash up --reset --no-demo` runs
	@$(MASH) simulate --contacts 2080 --month 2026-06 --write $(DATA)/2026-06.jsonl $(ARGS)

test: $(CAN_TEST) ## every test that can run here
	@$(BIN)/python -m pytest $(ARGS)

test-fast: $(CAN_TEST) ## unit and architecture tests, with fewer examples: no database, no broker
	@$(BIN)/python -m pytest tests/unit tests/architecture --hypothesis-profile=fast $(ARGS)

check: $(CAN_TEST) ## lint, format, types, imports, architecture, migrations, compose file, Dockerfile
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/architecture
	$(MASH) check-migrations
	env $$($(BIN)/python -m mash.compose_settings) $(BIN)/docker-compose config --quiet
	$(BIN)/hadolint Dockerfile

format: $(CAN_TEST) ## put the code into its one form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

kafka: $(CAN_RUN) ## a real Kafka on this machine without Docker (Java 17 and Maven)
	@$(MASH) kafka --data-dir $(DATA) $(ARGS)

up: $(COMPOSE_SETTINGS) ## the production-like set in Docker: Kafka, PostgreSQL, four services
	$(DOCKER_COMPOSE) up --build --detach --wait $(ARGS)

down: $(COMPOSE_SETTINGS) ## stop it; the data stays (ARGS=--volumes forgets it)
	$(DOCKER_COMPOSE) down $(ARGS)

bench: $(CAN_TEST) ## measure speed; every figure beside its peer
	@$(BIN)/python -m benchmarks $(ARGS)

chaos: $(CAN_TEST) ## kill, stop and delay things, and count what was lost (must be 0)
	@$(BIN)/python -m benchmarks.chaos $(ARGS)

lock: $(CAN_TEST) ## pin the newest versions that requirements*.in allow
	for part in requirements requirements-dev; do \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url $$part.in --output-file $$part.lock || exit 1; \
	done

clean: ## forget data, logs, keys, environment and caches
	@if [ -e $(CAN_RUN) ]; then $(MASH) forget --data-dir $(DATA); else rm -rf $(DATA); fi
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. Stamps make a warm start immediate; a changed lock is installed at the next command.

$(BIN)/python:
	@for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  echo "making $(VENV) with $$($$python --version)"; \
	  "$$python" -m venv $(VENV) && exit 0; \
	  rm -rf $(VENV); \
	  echo "$$python cannot make an environment: on Debian and Ubuntu, install python3-venv" >&2; exit 1; \
	done; \
	echo "Python 3.11 or newer is needed, and is not on the path" >&2; exit 1

$(CAN_RUN): requirements.lock | $(BIN)/python
	@echo "installing what runs (requirements.lock)"
	@$(INSTALL) -r requirements.lock
	@touch $@

$(CAN_TEST): requirements-dev.lock $(CAN_RUN)
	@echo "installing what tests and checks (requirements-dev.lock)"
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

$(COMPOSE_SETTINGS): | $(CAN_RUN)
	@mkdir -p $(@D)
	@umask 077 && $(BIN)/python -m mash.compose_settings > $@.unfinished && mv $@.unfinished $@
