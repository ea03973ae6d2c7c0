# Every target prepares what it needs by itself; see tools/setup.py.
PYTHON ?= python3
VENV = .venv/bin/python
ARGS ?=

.PHONY: setup run dev test lint fmt types bench soak conformance clean

setup:
	@$(PYTHON) tools/setup.py all

run:
	@$(PYTHON) tools/setup.py run
	@exec $(VENV) -m omni2 serve $(ARGS)

dev:
	@$(PYTHON) tools/setup.py tools
	@exec $(VENV) tools/dev.py $(ARGS)

test:
	@$(PYTHON) tools/setup.py tools
	@exec $(VENV) tools/check.py test $(ARGS)

lint:
	@$(PYTHON) tools/setup.py tools
	@exec $(VENV) tools/check.py lint

fmt:
	@$(PYTHON) tools/setup.py tools
	@exec $(VENV) tools/check.py fmt

types:
	@$(PYTHON) tools/setup.py tools
	@exec $(VENV) tools/check.py types

bench:
	@$(PYTHON) tools/setup.py tools
	@exec $(VENV) -m bench $(ARGS)

soak:
	@$(PYTHON) tools/setup.py tools
	@exec $(VENV) -m bench.soak $(ARGS)

conformance:
	@$(PYTHON) tools/setup.py tools
	@PYTHONPATH=src:. exec $(VENV) -m tests.conformance.record

clean:
	@rm -rf .venv .cache/interface .ruff_cache .pytest_cache .import_linter_cache web/node_modules tools/conformance/node_modules tools/clients/node_modules .cache/older web/dist src/omni2/app/static
