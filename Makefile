# Every target sets itself up: PYTHON makes .venv once, and a stamp in it remembers which extras
# of pyproject.toml it holds. ARGS reaches pytest: make test ARGS=tests/test_package.py
PYTHON ?= python3
PY := .venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The tests start many processes; without compiled files each of them would compile the package again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check stress bench bench-programs coverage fuzz mutation docs examples package clean
.NOTPARALLEL:

help:
	@echo 'make demo      the two circuits of the lecture notes: tables and pictures'
	@echo 'make test      the tests; ARGS="tests/core -x" reaches pytest'
	@echo 'make check     linter, formatter and type checker'
	@echo 'make stress    large circuits, threads, interrupts, memory; ARGS="memory --seconds 60"'
	@echo 'make docs      the documentation site, in build/docs, and its tests in a browser'
	@echo 'make examples  every example in README, pages and docstrings is run'
	@echo 'make bench     times beside other engines; ARGS=--quick for two minutes of it'
	@echo 'make bench-programs  the half with recorded programs; ARGS="--only W5 W7" chooses'
	@echo 'make coverage  the tests, and the gates: how much of core and of all they must reach'
	@echo 'make mutation  faults in every rule of the table; ARGS="core/order check --count 20" for modules'
	@echo 'make fuzz      searches hostile input, a minute each; ARGS="--seconds 600 formula"'
	@echo 'make package   builds wheel and sdist and tries them, and the extras, in fresh environments'
	@echo 'make clean     removes what the others made'
	@echo 'PYTHON=/path/to/python3 chooses the Python that makes .venv'

demo: .venv/with-dot
	$(PY) demos/seed_circuits.py

test: .venv/with-dev
	$(PY) -m pytest -n auto --dist loadfile $(ARGS)

stress: .venv/with-dev
	$(PY) -m tests.stress $(ARGS)

check: .venv/with-dev
	$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy

coverage: .venv/with-dev
	$(PY) -m pytest -n auto --dist loadfile --cov $(ARGS)
	$(PY) -m coverage report --include='autograd_lite/core/*' --fail-under=99

mutation: .venv/with-mutation
	$(PY) -m tests.core.faults
	$(PY) -m tests.mutation $(ARGS)

fuzz: .venv/with-fuzz
	$(PY) -m tests.fuzz $(ARGS)

bench: .venv/with-bench
	$(PY) benchmarks/eager.py $(ARGS)
	$(PY) benchmarks/programs.py $(filter --quick,$(ARGS))

bench-programs: .venv/with-bench
	$(PY) benchmarks/programs.py $(ARGS)

docs: .venv/with-docs
	rm -rf build/docs && $(PY) -m sphinx --fail-on-warning --keep-going --quiet docs build/docs
	SITE=build/docs $(PY) -m pytest tests/docs $(ARGS)
	@echo 'The site: build/docs/index.html'

examples: .venv/with-dev
	$(PY) -m pytest autograd_lite tests/test_readme.py tests/docs/test_pages.py $(ARGS)

package: .venv/with-dev
	rm -rf dist && $(PY) -m build --no-isolation
	$(PY) tests/packaging.py dist $(ARGS)

clean:
	rm -rf .venv build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/with-%: pyproject.toml | $(PY)
	$(PY) -m pip install --quiet "pip>=21.3" && $(PY) -m pip install --quiet --editable ".[$*]"
	@touch $@

$(PY):
	@$(PYTHON) -c "import sys; assert sys.version_info >= (3, 10)" 2>/dev/null || \
	  { echo 'Python 3.10 or newer is needed: name one with "make PYTHON=/path/to/python3".' >&2; exit 1; }
	@$(PYTHON) -c "import venv, ensurepip" 2>/dev/null || \
	  { echo 'Python lacks venv and ensurepip: install them (Debian, Ubuntu: apt install python3-venv).' >&2; exit 1; }
	$(PYTHON) -m venv .venv
