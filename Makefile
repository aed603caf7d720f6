# make demo    everything on this machine, in the foreground, until Ctrl-C
# make restart start every process of a running `make demo` again, one at a time, while the site goes on answering
# make test    the whole suite, on SQLite and on PostgreSQL
# make chaos   the tests that kill and stop real processes, long ones too, on both databases
# make bench   what is measured, side by side; BENCH="speed flat" chooses; tables here, figures in benchmarks/results
# make fuzz    the parsers, guided by what code an input reaches; SECONDS=60 for each, PARSERS="sigma body" chooses
# make check   style, types, layers, templates, then the suite with its coverage
# make audit   known weaknesses of the packages that are installed; needs the way to PyPI
# make clean   remove what can be made again; data in .caseloop stays

# The first Python 3.11 or 3.12 that runs: `python3` may be another one, and pyenv's shims may lead nowhere.
PYTHON ?= $(shell for python in python3 python3.12 python3.11 \
	"$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.12.*/bin/python3 "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.11.*/bin/python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null \
	&& { echo "$$python"; break; }; done)
BIN := .venv/bin

.PHONY: demo restart test chaos bench fuzz check audit clean python

demo: python
	@exec "$(PYTHON)" -m config.bootstrap demo

restart:
	@exec $(BIN)/python -m workers.restart

test: python
	@"$(PYTHON)" -m config.bootstrap dev
	@exec $(BIN)/python -m tests.suite

chaos: python
	@"$(PYTHON)" -m config.bootstrap dev
	@exec $(BIN)/python -m tests.suite --chaos

bench: python
	@"$(PYTHON)" -m config.bootstrap dev
	@exec $(BIN)/python -m benchmarks $(BENCH)

fuzz: python
	@"$(PYTHON)" -m config.bootstrap dev
	@$(BIN)/pip install --quiet --requirement requirements/fuzz.txt
	@exec $(BIN)/python -m tests.fuzz $(PARSERS) --seconds $(or $(SECONDS),60)

check: python
	@"$(PYTHON)" -m config.bootstrap dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy config incidents classifier events workers
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint
	$(BIN)/python -m tests.suite --coverage

audit: python
	@"$(PYTHON)" -m config.bootstrap dev
	$(BIN)/pip-audit --strict --skip-editable

clean:
	rm -rf .venv .coverage htmlcov .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null || { \
	echo "Python 3.11 or 3.12 is needed. Install one (Debian 12, Ubuntu 24.04: apt-get install python3 python3-venv;" \
	"macOS: brew install python@3.12), or name one: make demo PYTHON=/path/to/python3.12" >&2; exit 1; }
