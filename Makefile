# Everything a clone needs: Python 3.11 or newer, make, and a package index. Each verb does its own
# set-up, so `make serve` and `make test` are the first and only commands one has to know.
#
#   make PYTHON=python3.13 test     with another interpreter (a new .venv: `make clean` first)
#   make serve ARGS='--port 9000'   any option or path of `mockserver serve`
#   make test-fast ARGS='-k cut'    any option of pytest

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$python" && exit; done; echo python3)
ARGS ?=
# Processes of `make test`; 0 runs everything in one.
JOBS ?= auto
IMAGE ?= mockserver

VENV := .venv
BIN := $(VENV)/bin
OLDEST := .venv-oldest
OLDEST_PYTEST := .venv-oldest-pytest
BUILD := .venv-build
PIP_VERSION := 26.3

# Gates in percent of lines and branches: the whole, and the packages without any I/O. What the pure
# ones miss are guards that only a future change could reach; a new room needs all of its lines.
COVERAGE_MIN ?= 95
COVERAGE_PURE_MIN ?= 99.8
PURE := model items endpoints render faults contract pipeline scenario report recording

empty :=
space := $(empty) $(empty)
comma := ,
PURE_FILES := mockserver/errors.py,$(subst $(space),$(comma),$(PURE:%=mockserver/%/*))

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The tool that builds the package is pinned like everything else.
export PIP_BUILD_CONSTRAINT := $(CURDIR)/constraints.txt

.PHONY: help install format check test test-fast test-oldest cover contract-diff bench instructions crowds soak sweep-table serve
.PHONY: browser-deps screenshots docs image build test-wheel lock clean
.DEFAULT_GOAL := help

help:
	@echo "install      make $(VENV) with everything a developer needs"
	@echo "format       rewrite the sources in the house style"
	@echo "check        format, lint and types, changing nothing"
	@echo "test         check, the whole suite under coverage, its gates, and test-oldest"
	@echo "test-fast    the suite alone; ARGS='-k word' and the like"
	@echo "test-oldest  the oldest aiohttp and the oldest pytest that pyproject.toml admits"
	@echo "test-clients real SDKs and agents against the server; test-clients-NAME for one of"
	@echo "             $(ALL_CLIENTS)"
	@echo "client-table docs/clients.md, from what the last runs of test-clients saw"
	@echo "contract-diff  the contract against the newest openai packages; ARGS='--installed --all'"
	@echo "sweep-table  docs/sweep-results.md, what the openai SDK and httpx do at every kind of place"
	@echo "cover        the coverage of the last test run, gates included"
	@echo "bench        speed beside other servers, into benchmarks/result.md; ARGS='--rounds 1 start'"
	@echo "instructions instructions a request costs at two commits; ARGS='main HEAD'"
	@echo "crowds       10,000 connections, 5,000 streams, 2,000 clients that leave; CROWD=400"
	@echo "soak         a million exchanges of every kind against the journal; COUNT=20000"
	@echo "serve        a server that answers everything, or scenarios: ARGS=scenarios/; ARGS='--port 9000'"
	@echo "docs         the documentation as a site, into site/"
	@echo "image        the container image"
	@echo "build        wheel and sdist into dist/, with the build tools alone"
	@echo "test-wheel   that wheel in an environment of its own"
	@echo "screenshots  the pictures of the inspector in the documentation, in docs/images; needs browser-deps"
	@echo "browser-deps what the tests in a browser need, from npm and Debian"
	@echo "lock         newest versions of everything into constraints.txt"
	@echo "clean        remove all of the above"

# Stamps instead of phony set-up: a second run costs nothing, a broken one is taken up again.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-time: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	@touch $@

# Dependency groups need a younger pip than the one many interpreters bring.
$(VENV)/.developer: $(VENV)/.run-time
	$(BIN)/python -m pip install --quiet pip==$(PIP_VERSION)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[codings,fast,tls]' --group dev
	@touch $@

install: $(VENV)/.developer

format: install
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

check: install
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

test: check
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -n $(JOBS) $(ARGS)
	$(BIN)/coverage combine --quiet
	@$(MAKE) --no-print-directory cover
	@$(MAKE) --no-print-directory test-oldest ARGS=

test-fast: install
	$(BIN)/pytest $(ARGS)

cover: install
	$(BIN)/coverage report --fail-under=$(COVERAGE_MIN)
	$(BIN)/coverage report --precision=1 --fail-under=$(COVERAGE_PURE_MIN) --include='$(PURE_FILES)'

# What aiohttp itself stands on is left free, as its old versions refuse the young ones of these.
AIOHTTP_FAMILY := ^(aiohappyeyeballs|aiohttp|aiosignal|frozenlist|multidict|propcache|yarl)==

$(OLDEST)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(OLDEST)
	grep -vE '$(AIOHTTP_FAMILY)' constraints.txt > $(OLDEST)/constraints.txt
	sed -n 's/^ *"aiohttp>=\([0-9.]*\).*/aiohttp==\1/p' pyproject.toml >> $(OLDEST)/constraints.txt
	$(OLDEST)/bin/python -m pip install --quiet pip==$(PIP_VERSION)
	$(OLDEST)/bin/python -m pip install --quiet -c $(OLDEST)/constraints.txt \
		-e '.[codings,fast,tls]' --group tests
	@touch $@

# The plugin's own suite with the oldest pytest: none of the plugins of the developers' environment,
# and so none of its configuration.
$(OLDEST_PYTEST)/.ready: pyproject.toml
	$(PYTHON) -m venv $(OLDEST_PYTEST)
	sed -n 's/^pytest = \["pytest>=\([0-9.]*\)"\]/pytest==\1/p' pyproject.toml > $(OLDEST_PYTEST)/constraints.txt
	$(OLDEST_PYTEST)/bin/python -m pip install --quiet -c $(OLDEST_PYTEST)/constraints.txt \
		-e '.[pytest]' pytest-xdist
	printf '[pytest]\nfilterwarnings = error\naddopts = --import-mode=importlib\n' \
		> $(OLDEST_PYTEST)/pytest.ini
	@touch $@

test-oldest: $(OLDEST)/.ready $(OLDEST_PYTEST)/.ready
	$(OLDEST)/bin/python -m pip list | grep '^aiohttp '
	$(OLDEST)/bin/pytest tests/wire $(ARGS)
	$(OLDEST_PYTEST)/bin/python -m pip list | grep '^pytest '
	$(OLDEST_PYTEST)/bin/pytest -c $(OLDEST_PYTEST)/pytest.ini --rootdir . \
		tests/plugin/test_fixtures.py tests/plugin/test_verdict.py

# Installs the servers it compares with into benchmarks/.peers, then needs a quarter of a quiet hour.
bench: install
	$(BIN)/python -m benchmarks $(ARGS)

# Instructions a request costs at two commits, under valgrind: ARGS='main HEAD', ARGS=main for the
# working tree against main. Fails where one of four kinds of request costs over 5 % more.
instructions: install
	$(BIN)/python -m benchmarks.instructions $(ARGS)

# Either process needs a file for each connection: `ulimit -Hn` has to be above CROWD.
CROWD ?= 10000
crowds: install
	HOSTILE_CROWD=$(CROWD) $(BIN)/pytest --timeout 900 tests/hostile/test_crowds.py $(ARGS)

# Half an hour on two cores.
COUNT ?= 1000000
soak: install
	$(BIN)/python -m tests.soak $(COUNT) $(ARGS)

# --- real clients, each in an environment of its own; none of this is part of `make test` ---

CLIENTS := tests/clients
NODE_CLIENTS := node ai-sdk langchain-js
PYTHON_CLIENTS := langchain agents pydantic-ai litellm litellm-proxy
ALL_CLIENTS := $(NODE_CLIENTS) codex $(PYTHON_CLIENTS)

$(CLIENTS)/drivers/%/node_modules/.ready: $(CLIENTS)/drivers/%/package-lock.json
	cd $(CLIENTS)/drivers/$* && npm ci --silent --no-audit --no-fund
	@touch $@

.venv-client-%/.ready: $(CLIENTS)/drivers/python/%.txt
	$(PYTHON) -m venv .venv-client-$*
	.venv-client-$*/bin/python -m pip install --quiet --requirement $<
	@touch $@

$(NODE_CLIENTS:%=test-clients-%): $(CLIENTS)/drivers/node/node_modules/.ready
test-clients-codex: $(CLIENTS)/drivers/codex/node_modules/.ready
$(foreach name,$(PYTHON_CLIENTS),$(eval test-clients-$(name): .venv-client-$(name)/.ready))

# A client's own tests, where it has some, are in a file of its name.
$(ALL_CLIENTS:%=test-clients-%): test-clients-%: install
	$(BIN)/pytest -k "$*: or $(subst -,_,$*).py" $(CLIENTS)/matrix.py $(wildcard $(CLIENTS)/$(subst -,_,$*).py) $(ARGS)

test-clients: $(ALL_CLIENTS:%=test-clients-%)

client-table: install
	$(BIN)/python -m tests.clients.table

# Installs the newest packages into .venv-contract. The command itself exits with 1 for a difference
# and with 2 where it could not run; make exits with 2 for both.
contract-diff: install
	$(BIN)/python -m contract_diff $(ARGS)

# Walks every way to break two scenarios: some minutes, most of them spent on silence.
sweep-table: install
	$(BIN)/python -m tests.sweeps.sdk.table

serve: $(VENV)/.run-time
	@exec $(BIN)/mockserver serve $(ARGS)

DOCS := .venv-docs

$(DOCS)/.ready: pyproject.toml
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet pip==$(PIP_VERSION)
	$(DOCS)/bin/python -m pip install --quiet --group docs
	@touch $@

docs: $(DOCS)/.ready
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --quiet --strict

image:
	docker build --tag $(IMAGE) .

# Needs the build tools alone, pinned like everything else.
$(BUILD)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(BUILD)
	$(BUILD)/bin/python -m pip install --quiet -c constraints.txt hatchling
	@touch $@

build: $(BUILD)/.ready
	rm -rf dist
	$(BUILD)/bin/python -m hatchling build

# The built wheel, installed in an environment of its own and used away from the sources.
WHEEL := .venv-wheel
test-wheel: build
	rm -rf $(WHEEL)
	$(PYTHON) -m venv $(WHEEL)
	$(WHEEL)/bin/python -m pip install --quiet "$$(ls dist/*.whl)[pytest]"
	mkdir $(WHEEL)/suite
	printf '[pytest]\n' > $(WHEEL)/suite/pytest.ini
	printf 'def test_it(mockserver):\n    mockserver.stub(reply="hi")\n' > $(WHEEL)/suite/test_it.py
	cd $(WHEEL)/suite && ../bin/mockserver new one && ../bin/mockserver check one.yaml && ../bin/pytest -q

# For the tests in a browser, which are skipped without them; with CI=true they fail.
CHROME_ON_MAC := /Applications/Google Chrome.app/Contents/MacOS/Google Chrome
browser-deps:
	npm install --silent --no-audit --no-fund --prefix build/browser playwright-core@1.65.1
	command -v chromium || command -v chromium-browser || command -v google-chrome || test -e "$(CHROME_ON_MAC)" \
		|| { apt-get update -qq; apt-get install -y --no-install-recommends chromium; }

screenshots: install
	$(BIN)/python -m tests.screenshots

# Resolved on the oldest interpreter, whose set of packages includes the backports.
lock: install
	@mkdir -p build
	$(BIN)/python -m pip install --quiet --dry-run --ignore-installed --report build/lock.json \
		-e '.[codings,fast,tls]' --group dev
	@$(BIN)/python -c "$$RESOLVED" < build/lock.json > constraints.txt

define RESOLVED
import json, sys
print("# What `make install` installs. Written by `make lock`; not edited by hand.")
found = (entry["metadata"] for entry in json.load(sys.stdin)["install"])
pins = {f"{each['name']}=={each['version']}".lower() for each in found}
print(*sorted(pin for pin in pins if not pin.startswith("llm-mockserver==")), sep="\n")
endef
export RESOLVED

clean:
	rm -rf $(VENV) $(OLDEST) $(OLDEST_PYTEST) $(BUILD) $(WHEEL) $(DOCS) site .venv-client-* .venv-contract build dist htmlcov .coverage .coverage.* .hypothesis \
		.mypy_cache .pytest_cache .ruff_cache
	rm -rf $(CLIENTS)/drivers/*/node_modules
	find mockserver tests -name __pycache__ -type d -exec rm -rf {} +
