# Commands of the house. `make run` and `make test` need nothing but Python 3.11 or newer, make and a package index.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed.stamp
CITY ?= 3000
SEED ?= 1
SEEDS ?= 5
PORT ?= 8000
ARGS ?=
LOCK_OPTIONS := --quiet --generate-hashes --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
  --no-emit-options --allow-unsafe --strip-extras

.PHONY: help run test check bench sim docs requirements advisories restore-drill lock clean
.DEFAULT_GOAL := help

help:
	@echo "make run   [CITY=3000] [SEED=1] [PORT=8000]  demonstration: servers, one tax year, screens (実演)"
	@echo "make test  [ARGS=...]                        the whole suite on throw-away servers (全テスト)"
	@echo "make check                                   style, types, import contracts, migrations, templates (検査)"
	@echo "make bench                                   measured figures, as ratios (計測)"
	@echo "make sim   [SEEDS=5] [SEED=1]                simulated years with faults; SEED repeats one (模擬運用)"
	@echo "make docs                                    generated documents (文書の生成)"
	@echo "make requirements [ARGS=--brief]             which tests prove which requirement (要件の網羅表)"
	@echo "make advisories [FEED=file] [AS=9001]        components; with FEED against known advisories, offline (部品の点検)"
	@echo "make restore-drill [CITY=300]                back up, lose, restore to a moment and elsewhere, prove (復旧訓練)"
	@echo "make lock                                    lock files from pyproject.toml (依存の固定)"

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 以上が必要です / Python 3.11 or newer is needed (PYTHON=/path/to/python3.11)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "仮想環境を作れません。Debian/Ubuntuでは python3-venv を入れてください /" \
	       "cannot create a virtual environment: install the package python3-venv (apt-get install python3-venv)" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip -q || { \
	  echo "pipがありません。python3-venv を入れ、.venv を消してからもう一度 / no pip: install python3-venv, remove .venv" >&2; exit 1; }
	@echo "必要なパッケージを入れています / installing the locked packages"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m taxsys.platform.printing.fonts
	@touch $@

run: $(STAMP)
	@exec $(BIN)/python -m taxsys.embedded run --city "$(CITY)" --seed "$(SEED)" --port "$(PORT)"

# A browser and a software token are installed only where the account may install packages; tests/conftest.py says loudly when one is missing.
test: $(STAMP)
	@$(BIN)/python -m tests.browsers || true
	@$(BIN)/python -m tests.tokens || true
	@exec $(BIN)/python -m taxsys.embedded test -- --create-db -q -n 2 $(ARGS)

# `servers -- python …` runs beside throw-away servers, as an ordinary identity also where root started make.
check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m taxsys.embedded servers -- python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py refusals_doc --check
	$(BIN)/python manage.py law_doc --check
	$(BIN)/python manage.py law_reviewed
	$(BIN)/python manage.py glossary_doc --check
	$(BIN)/python manage.py approvals_doc --check
	$(BIN)/python manage.py record_items_doc --check
	$(BIN)/python manage.py calculate_doc --check
	$(BIN)/python -m tests.architecture.templates

bench: $(STAMP)
	@exec $(BIN)/python -m taxsys.embedded servers -- python -m tests.bench $(ARGS)

# SEEDS: so many years from a random seed; SEED on the command line: that year alone. ARGS="--minutes 60" for hours of it.
sim: $(STAMP)
	@exec $(BIN)/python -m taxsys.embedded servers -- python -m tests.simulation \
	  $(if $(filter command line,$(origin SEED)),--seed "$(SEED)",--seeds "$(SEEDS)") $(ARGS)

docs: $(STAMP)
	$(BIN)/python manage.py refusals_doc
	$(BIN)/python manage.py law_doc
	$(BIN)/python manage.py glossary_doc
	$(BIN)/python manage.py approvals_doc
	$(BIN)/python manage.py record_items_doc
	$(BIN)/python manage.py calculate_doc
	$(BIN)/python manage.py spectacular --file docs/api/openapi.yaml --validate --fail-on-warn
	$(BIN)/python manage.py job manual --write docs/operations.md

requirements: $(STAMP)
	@$(BIN)/python manage.py requirements_table $(ARGS)

# FEED: a file of advisories (OSV format, JSON or ZIP) brought to this machine; AS: the officer in whose name it is kept.
advisories: $(STAMP)
	@exec $(BIN)/python manage.py advisories $(if $(FEED),"$(FEED)") $(if $(AS),--as "$(AS)") $(ARGS)

# CITY here is the drill's own small city unless given on the command line.
restore-drill: $(STAMP)
	@exec $(BIN)/python -m taxsys.embedded drill --city "$(if $(filter command line,$(origin CITY)),$(CITY),300)"

# pip-tools lives in an environment of its own; pins that still fit are kept. Indexes come from pip's own settings.
lock: $(STAMP)
	@test -x var/lock/bin/pip-compile || { $(PYTHON) -m venv var/lock && var/lock/bin/pip install --quiet pip-tools; }
	var/lock/bin/pip-compile $(LOCK_OPTIONS) --extra embedded --extra dev --output-file requirements.lock pyproject.toml
	var/lock/bin/pip-compile $(LOCK_OPTIONS) --output-file requirements-production.lock pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache staticfiles
