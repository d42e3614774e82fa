# What people type: make run, make test, make check, make bench.
# Everything installs itself from the committed lock files; nothing is needed beside Python 3.11+,
# pip and venv. Debian packages for the tests are installed when root, and named when not.

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
# the distribution's, where it is new enough: one compiled without optimization by profiles, as pyenv does by default, needs
# a tenth to a fifth more CPU for a trap
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo /usr/bin/python3 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
CONFIG ?= etc/opsconductor.yaml
MINUTES ?= 20
SECONDS ?= 60
SEEDS ?= 1-200
# five for two processors: with two for each, these wait for an eighth of the time; three for each take longer
JOBS ?= $(shell echo $$(( $$(nproc) * 5 / 2 )))
# one line a package while pip works
PROGRESS := awk '/^(Collecting|Processing)/ {sub(/.*\//, "", $$2); print "  " $$2; fflush()} \
	/^Installing/ {print "  installing ..."; fflush()}'
# uv takes a third of the time; where it cannot be had, pip installs
install = $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python $(1) 2>/dev/null \
	|| $(BIN)/python -m pip install --disable-pip-version-check $(1) | $(PROGRESS)

.PHONY: fuzz worlds manual screenshots help run setup setup-dev debian test check format bench bench-detect bench-nab soak lock wheel clean

help:  ## show this
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(VENV)/.runtime  ## set up and start the daemon (traps on UDP 1162, page on http://127.0.0.1:8080)
	@exec $(BIN)/opsconductor --config $(CONFIG) run

setup: $(VENV)/.runtime debian $(VENV)/.dev  ## install everything that running and testing need

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock requirements-uv.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing OpsConductor into $(VENV), up to a minute:"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock 2>/dev/null || true
	@$(call install,--require-hashes -r requirements.lock)
	@$(call install,--no-deps --editable .)
	@echo "Building the index of the MIB catalogue, some seconds:"
	@$(BIN)/python -m opsconductor.mib.built mibs/catalogue build
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing what the tests need:"
	@$(call install,--require-hashes -r requirements-dev.lock)
	@touch $@

debian:
	@sh tests/debian-packages.sh

# compiled modules are kept: the tests start hundreds of processes, each of which would compile them again
test: setup  ## set up and pass all tests, JOBS at a time (RERUNS=1 tries a failed one once more and shows both)
	@$(BIN)/python -m compileall -q -j 0 opsconductor connectors
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder \
		$(if $(RERUNS),--reruns $(RERUNS) --rerun-show-tracebacks -rR)

fuzz: setup  ## try broken traps, requests, files, laws and simulated days for SECONDS=60 (FUZZ_SEED=N repeats a run)
	FUZZ_SECONDS=$(SECONDS) OPSCONDUCTOR_TEST_WORLDS=300 ANY_VALUE_EXAMPLES=50 $(BIN)/python -m pytest -s \
		tests/fuzz tests/integration/api/http/test_api_schema.py tests/integration/api/test_live_listing.py tests/property

worlds: setup  ## simulate days with SEEDS=1-200 and print which laws break (STEPS=N: longer ones)
	$(BIN)/python -m tests.simulation.sweep --seeds $(SEEDS) $(if $(STEPS),--steps $(STEPS))

check: $(VENV)/.dev  ## ruff, mypy strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers auto
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## put every file into its one form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup  ## measure traps beside snmptrapd and pysnmp, lists, the page, storms; ONLY="bench_lists bench_page"
	$(BIN)/python -m tests.benchmarks $(ONLY)

bench-detect: setup  ## measure the detector: cost, a synthetic fleet, feedback; SEED draws another one
	$(BIN)/python -m tests.benchmarks.detect $(if $(SEED),--seed $(SEED))

bench-nab: setup  ## score the detector on Numenta's benchmark; NAB=FOLDER holds its data and labels
	$(BIN)/python -m tests.benchmarks.detect.nab $(NAB)

soak: setup  ## break the daemon under load for MINUTES (default 20); SEED draws the same again
	$(BIN)/python -m tests.soak --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

lock: $(VENV)/bin/python  ## choose the newest versions anew and write the lock files
	$(BIN)/python -m pip install --quiet --upgrade uv
	echo uv | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements-uv.lock -
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -c requirements.lock --group dev -o requirements-dev.lock pyproject.toml

screenshots: setup  ## take the pictures of the page in docs/ anew
	$(BIN)/python -m tests.screenshots

manual: $(VENV)/.runtime  ## write docs/opsconductor.1 anew from the help of the commands
	$(BIN)/opsconductor manual > docs/opsconductor.1

wheel: $(VENV)/.dev  ## build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps -w dist .

clean:  ## remove what was built, not the data
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
