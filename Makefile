# All that is needed is make and Python 3.11 or newer. Everything is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEEDS ?= 2000
JOBS ?= 2
INSTALLED := pyproject.toml tools/setup_venv.py src/pinnace/__init__.py hatch_build.py $(shell git ls-files web 2>/dev/null)

.PHONY: help run test check format simulate latest wheel clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(VENV)/.runtime: $(INSTALLED)
	@$(PYTHON) tools/setup_venv.py $(VENV)
	@touch $@

$(VENV)/.dev: $(INSTALLED)
	@$(PYTHON) tools/setup_venv.py $(VENV) --dev
	@touch $@ $(VENV)/.runtime

run: $(VENV)/.runtime ## install Pinnace, start it and run examples/quickstart on it
	@$(BIN)/python tools/run_quickstart.py

test: $(VENV)/.dev ## all tests
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

check: $(VENV)/.dev ## format, lint, types, layers
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m mypy src tests tools
	@$(BIN)/python -c "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
	@$(BIN)/python -m pytest tests/test_architecture.py
	@$(BIN)/python hatch_build.py check

format: $(VENV)/.dev ## rewrite the sources in the one format
	@$(BIN)/python -m ruff format .
	@$(BIN)/python -m ruff check --fix .
	@$(BIN)/python tools/write_openapi.py
	@$(BIN)/python hatch_build.py format

simulate: $(VENV)/.dev ## drive the engine through SEEDS generated runs, for instance SEEDS=1000000
	@$(BIN)/python tests/simulation/run.py --seeds $(SEEDS)

latest: ## all tests against the newest release of every dependency, upper bounds ignored
	@$(PYTHON) tools/setup_venv.py .venv-latest --dev --latest
	@.venv-latest/bin/python -m pytest -n $(JOBS) --dist loadfile

wheel: $(VENV)/.runtime ## build the wheel into dist/
	@$(BIN)/python -m uv build --quiet --wheel --out-dir dist
	@ls -l dist

clean: ## remove everything that make has made
	rm -rf $(VENV) .venv-latest .pinnace dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
