# Everything that is done with this project, by name. `make` alone lists it.
VENV := .venv
PY := $(VENV)/bin/python
PORT ?= 8000
ARGS ?=
SITE := $(VENV)/.installed
DEV := $(VENV)/.installed-dev
export PORT

.DEFAULT_GOAL := help
.PHONY: help install demo run worker beat test bench faults lint types format checks clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

$(SITE): requirements.txt constraints.txt scripts/install.sh
	@scripts/install.sh requirements.txt
	@touch $@

$(DEV): $(SITE) requirements-dev.txt
	@scripts/install.sh requirements-dev.txt
	@touch $@

install: $(SITE) ## Make .venv and install what the site needs

demo: $(SITE) ## Start the demo marketplace (PORT=8000); Ctrl-C ends it
	@$(PY) scripts/run_demo.py

run: $(SITE) ## Start the site for development, with DEBUG on (PORT=8000)
	@$(PY) manage.py migrate --verbosity 0
	@DEBUG=1 $(PY) manage.py runserver $(PORT)

worker: $(SITE) ## Start a worker for the tasks
	@$(PY) -m celery -A vocdash worker --loglevel INFO

beat: $(SITE) ## Start the clock that begins each marketplace's night
	@$(PY) -m celery -A vocdash beat --loglevel INFO

test: $(DEV) ## Run all tests: SQLite, PostgreSQL, Redis, Chromium (ARGS=... goes to pytest)
	@scripts/tools.sh postgresql redis-server chromium
	@$(PY) scripts/run_tests.py $(ARGS)

bench: $(DEV) ## Measure the night, the pages and the import (SCALE=full: a million offers; ARGS="--help")
	@scripts/tools.sh postgresql redis-server
	@$(PY) -m tests.scale $(ARGS)

faults: $(DEV) ## Kill everything, at random and in every phase, compare what comes out (ARGS="--only night")
	@scripts/tools.sh postgresql redis-server
	@$(PY) -m tests.faults $(ARGS)

lint: $(DEV) ## Check style, formatting, layers and templates
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(VENV)/bin/lint-imports --no-cache
	@$(PY) -m djlint templates --lint --quiet

types: $(DEV) ## Check types, strictly
	@$(PY) -m mypy

checks: $(DEV) ## Check migrations, production settings and docker-compose.yml
	@$(PY) manage.py makemigrations --check --dry-run
	@scripts/check_production.sh $(PY)
	@scripts/check_compose.sh

format: $(DEV) ## Format the code and repair what can be repaired
	@$(PY) -m ruff check --fix
	@$(PY) -m ruff format

clean: ## Remove .venv and caches; var/ with its database and keys stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build
	@find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +
	@echo "var/ with the database and the keys was left; remove it by hand for a new start."
