# Everything runs in .venv, which the first target that needs it makes. Nothing else on the machine is used
# but Python 3.11 or newer, make and a C compiler.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml setup.py $(wildcard ext/*)
STUBBED := $(patsubst mrdkit/_ext/%.pyi,mrdkit._ext.%,$(wildcard mrdkit/_ext/*.pyi))
ASAN_TESTS := tests/kernels $(wildcard tests/unit/test_fcs_*.py) tests/real/test_fcs_zoo.py tests/fuzz
# Some linters look for their helpers on the path.
export PATH := $(abspath $(BIN)):$(PATH)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test check lint checked asan golden kernels bench docs clean

help:
	@echo "make demo     make a synthetic study, run it and say where the reports lie"
	@echo "make test     run the whole test suite"
	@echo "make check    what CI runs: linters, types, tests in both kernel modes, docs"
	@echo "make kernels  rebuild the kernels in place     make checked  run the suite on bounds-checked kernels"
	@echo "make asan     run the FCS reader's tests on kernels that find memory errors (Linux)"
	@echo "make golden   rewrite the goldens, show diff   make bench    compare with peers"
	@echo "make docs     build the documentation"

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "mrdkit needs Python 3.11 or newer; none was found. Install one or set PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --upgrade pip

$(VENV)/.installed: $(VENV)/bin/python $(SOURCES)
	$(INSTALL) --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(INSTALL) --editable '.[test]'
	@touch $@

$(VENV)/.installed-check: $(VENV)/.installed-test
	$(INSTALL) --editable '.[check]' 'setuptools>=77' 'cython>=3.1,<4'
	@touch $@

# Exit code 4 would say that the study ran and some of its results are not evaluable: no failure of the demo.
demo: $(VENV)/.installed
	$(BIN)/mrdkit demo demo-study
	$(BIN)/mrdkit run demo-study -o demo-results || test $$? -eq 4
	@echo "The reports lie in demo-results/reports; begin with cohort.html."

test: $(VENV)/.installed-test
	$(BIN)/pytest -n auto

check: lint test checked docs

lint: $(VENV)/.installed-check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest --concise mrdkit.reference $(STUBBED)
	$(BIN)/cython-lint ext
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/deptry .

kernels: $(VENV)/.installed-check
	$(BIN)/python setup.py --quiet build_ext --inplace --force

# Rooms that call no kernel need no second run.
UNCHECKED := $(foreach room,store export cohort karyotype,--ignore-glob='*/test_$(room)*.py')

checked: $(VENV)/.installed-check
	MRDKIT_CHECKED_KERNELS=1 $(BIN)/python setup.py --quiet build_ext --inplace --force
	$(BIN)/pytest -n auto -m "not packaging and not simulated" $(UNCHECKED); status=$$?; \
	$(BIN)/python setup.py --quiet build_ext --inplace --force; exit $$status

# Leaks are not looked for: Python itself keeps memory until it ends. Its own allocator would hide small overruns.
asan: $(VENV)/.installed-check
	MRDKIT_ASAN_KERNELS=1 $(BIN)/python setup.py --quiet build_ext --inplace --force
	LD_PRELOAD="$$($(CC) -print-file-name=libasan.so)" ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc \
	$(BIN)/pytest -p no:cacheprovider $(ASAN_TESTS); status=$$?; \
	$(BIN)/python setup.py --quiet build_ext --inplace --force; exit $$status

golden: $(VENV)/.installed-test
	$(BIN)/pytest tests --update-golden -m golden
	git --no-pager diff --stat -- tests/golden
	git --no-pager diff -- tests/golden

bench: $(VENV)/.installed-check
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

docs: $(VENV)/.installed-check
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet -b html docs docs/_build/html

clean:
	rm -rf $(VENV) build dist docs/_build demo-study demo-results mrdkit/_ext/*.so
