# Everything a newcomer or CI types.  The environment is .venv in this folder.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; \
	done)
PY := .venv/bin/python
STAMP := .venv/installed-from-constraints

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Hundreds of processes are started: what Python compiled is kept, whatever the shell says.
NOTHING_KEPT := $(PYTHONDONTWRITEBYTECODE)
export PYTHONDONTWRITEBYTECODE :=
.PHONY: help env demo serve bench faults clean test checks lint types imports uncompiled wheel audit

help: ## Say what can be typed here
	@echo "riskengine: values rural rights pledged as collateral.  Type one of:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "New here?  Try: make demo"

env: $(STAMP) ## Make .venv with every pinned package, verified by hash
	@echo "Ready: .venv.  Try next: make demo, make test, or $(PY) -m riskengine --help"

# A Python without ensurepip cannot put pip into .venv; its own pip then installs from outside.
$(STAMP): constraints.txt constraints-peers.txt pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.11 or later on the PATH.  Install one, or say: make env PYTHON=/path/to/python3"; \
		exit 1; \
	fi
	@if [ ! -x $(PY) ]; then \
		echo "Making .venv with $(PYTHON)"; \
		$(PYTHON) -m venv .venv >/dev/null 2>&1 || $(PYTHON) -m venv --without-pip .venv || { \
			echo "$(PYTHON) cannot make a virtual environment: its venv module is missing."; \
			echo "On Debian or Ubuntu: apt-get install python3-venv; then type the same again."; \
			exit 1; \
		}; \
	fi
	@echo "Installing the packages of constraints.txt, one to five minutes the first time"
	@if $(PY) -m pip --version >/dev/null 2>&1; then \
		pip="$(PY) -m pip"; \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then \
		pip="$(PYTHON) -m pip --python $(PY)"; \
	else \
		echo "$(PYTHON) has no pip.  On Debian or Ubuntu: apt-get install python3-venv python3-pip;"; \
		echo "then type the same again."; \
		exit 1; \
	fi; \
	$$pip install --quiet --no-compile --require-hashes --no-deps -r constraints.txt && \
	peers="$$(sed -n 's/==.*//p' constraints-peers.txt | paste -s -d '|')" && \
	! { $$pip check 2>/dev/null | grep -Ev "^($$peers) |^No broken"; } && \
	$$pip install --quiet --no-compile --require-hashes --no-deps -r constraints-peers.txt
	@echo "Installing riskengine from this folder, editable"
	@PYTHONWARNINGS=ignore $(PY) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@[ -z "$(NOTHING_KEPT)" ] || $(PY) -m compileall -q -j 0 .venv/lib riskengine models service
	@touch $@

demo: $(STAMP) ## Revalue published cases and a synthetic sample, leave an HTML report
	@echo "Demonstration: sample portfolio, published cases, revaluation, report"
	@$(PY) -m riskengine demo
	@echo "Applications scored by the demonstration release (synthetic), with reasons"
	@$(PY) -m models sample demo/models --rows 200 >/dev/null
	@$(PY) -m models score household-default demo/models/household_loans_synthetic.csv --most 2
	@echo "Try next: make serve, or $(PY) -m riskengine --help"

serve: $(STAMP) ## Start the scoring service on this machine
	@echo "Starting the service; Ctrl-C stops it.  Then try: make test"
	@$(PY) -m service

bench: $(STAMP) ## Measure speed and memory, rewrite BENCHMARKS.md
	@echo "Measuring; close other programs for figures worth keeping"
	@$(PY) tests/bench/run.py
	@echo "Written: BENCHMARKS.md.  Try next: git diff BENCHMARKS.md"

faults: $(STAMP) ## Kill the service, its workers and its database 200 times under load
	@echo "Killing at random moments, ten minutes or more; the result goes to build/faults.json"
	@RISKENGINE_CACHE=1 NUMBA_CACHE_DIR=$(CURDIR)/build/numba $(PY) -m tests.service.faults.harness

fuzz: $(STAMP) ## Try the whole HTTP interface with many more random requests than the tests do
	@echo "Fuzzing every operation of the document; ten minutes or more"
	@RISKENGINE_FUZZ=$${RISKENGINE_FUZZ:-100} RISKENGINE_CACHE=1 NUMBA_CACHE_DIR=$(CURDIR)/build/numba \
		$(PY) -m pytest -q tests/service/contract/test_fuzz.py

# One more process than cores, for tests that wait; long ones do not come last.
test: $(STAMP) ## Run everything that CI runs
	@failed=0; \
	$(MAKE) --keep-going --jobs 2 --output-sync=target checks || failed=1; \
	[ $$failed = 0 ] || echo "A check above FAILED; the tests follow all the same"; \
	echo "Tests, compiled once into build/numba (try next: make demo, make bench)"; \
	rm -rf build/numba; \
	RISKENGINE_CACHE=1 NUMBA_CACHE_DIR=$(CURDIR)/build/numba $(PY) -m pytest \
		--numprocesses $$($(PY) -c 'import os; print(min(os.cpu_count() + 1, 5))') \
		--dist loadfile --no-loadscope-reorder || failed=1; \
	exit $$failed

checks: lint types imports uncompiled wheel audit

lint: $(STAMP)
	@echo "Lint and format"
	@$(PY) -m ruff check --quiet . && $(PY) -m ruff format --quiet --check .

types: $(STAMP)
	@echo "Types"
	@$(PY) -m mypy

imports: $(STAMP)
	@echo "Who may import whom"
	@.venv/bin/lint-imports --no-logo

uncompiled: $(STAMP)
	@echo "Kernels as plain Python, with coverage"
	@mkdir -p build
	@$(PY) -m coverage erase
	@NUMBA_DISABLE_JIT=1 $(PY) -m coverage run -m pytest --quiet --numprocesses auto \
		--maxprocesses 4 --dist loadfile tests/kernels tests/methods/test_land.py tests/methods/test_forest.py tests/methods/test_homestead.py \
		tests/gates/test_judge.py tests/gates/test_derive.py tests/pledging/test_waterfall.py
	@$(PY) -m coverage combine --quiet
	@$(PY) -m coverage report

wheel: $(STAMP)
	@echo "Wheel, built and imported from an empty folder"
	@$(PY) tests/check_wheel.py

audit: $(STAMP)
	@echo "Known vulnerabilities of the pinned packages"
	@$(PY) tests/check_audit.py

clean: ## Remove what the other targets made, .venv included
	rm -rf .venv build dist demo *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Clean.  Try next: make env"
