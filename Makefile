# What one does with Quarterdeck from its own folder. `make` alone lists it.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help .venv demo test check bench lock clean

#: The first Python that is new enough; name another with `make .venv PYTHON=…`.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
#: Passed on: make demo ARGS="--speed 60", make test ARGS="-k close", make lock ARGS=--upgrade.
ARGS ?=
#: Test processes: two a core, since many tests wait for other processes. A few take a minute, most a blink: they are
#: handed out few at a time, the long ones first.
WORKERS ?= $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))

# Written last: without it whatever stands in .venv is half an installation, and made anew.
INSTALLED := .venv/.installed

help: ## This list.
	@awk -F ':.*## ' '/^[a-z.]+:.*## / {printf "  make %-6s %s\n", $$1, $$2}' Makefile

.venv: $(INSTALLED) ## Everything, at its locked version, in .venv.

$(INSTALLED): requirements-dev.lock pyproject.toml
	@test -n '$(PYTHON)' || { echo 'Quarterdeck needs Python 3.11 or newer, and found none. Install it, or name it: make PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '$(PYTHON) is no Python 3.11 or newer.' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install $$($(PYTHON) -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')" >&2; exit 1; }
	@test -e $@ || $(PYTHON) -m venv --clear .venv
	@rm -f $@
	@echo 'Installing what Quarterdeck needs into .venv: a few minutes, once.' >&2
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# exec: a shell in between would die of Ctrl-C at once, before the program has put things away.
demo: $(INSTALLED) ## The paper bot, the gateway and a chat in this terminal. Ctrl-C ends it.
	@exec .venv/bin/quarterdeck demo $(ARGS)

# They start hundreds of programs: none of these compiles everything anew.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(INSTALLED) ## All tests.
	.venv/bin/python -m pytest -q -n $(WORKERS) --dist load --maxschedchunk 8 $(ARGS)

check: $(INSTALLED) ## Style, types, and who may import whom.
	.venv/bin/python -m ruff check
	.venv/bin/python -m ruff format --check
	.venv/bin/python -m mypy
	.venv/bin/lint-imports --no-logo

bench: $(INSTALLED) ## The promises that are numbers, measured.
	.venv/bin/python -m tests.benchmarks $(ARGS)

# One file for the desk with its channels, one for all that builds and tests it, one for the build alone (the image);
# none contradicts another.
# Universal: every platform and every Python from 3.11, wherever it is renewed.
LOCK := .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --custom-compile-command 'make lock'

lock: $(INSTALLED) ## Renew the locks after a change in pyproject.toml; ARGS=--upgrade for newer versions.
	$(LOCK) --extra channels --output-file requirements.lock $(ARGS) pyproject.toml
	$(LOCK) --extra dev --constraint requirements.lock --output-file requirements-dev.lock $(ARGS) pyproject.toml
	echo hatchling | $(LOCK) --constraint requirements-dev.lock --output-file requirements-build.lock $(ARGS) -

clean: ## Remove what was built. A desk's own data (.quarterdeck) stays.
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
