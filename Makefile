# make demo    set up, then run the main example
# make test    set up, then lint, type check, tests and doctests
# make thorough  the same tests, of every weight and all random machines; `make test` takes a part of the longest lists
# make lint    the first two of these
# make bench   measure speed and memory, and write docs/performance.md anew
# make figures  draw the figures of docs/claims.md anew, with their numbers
# make picture  draw the page of docs/figures/page.png anew, in a browser
# make pictures  draw the pictures of docs/construction.md anew
# make proof   have Coq check the theorem in exact arithmetic (docs/proof.md, Machine-checked) for seven networks; CHECK=1: coqchk too
# make notebooks  execute the notebooks of examples/notebooks anew, with their outputs
# make docs    build the documentation site in build/site
# make clean   remove what tests and builds leave behind; distclean removes .venv too
#
# make PYTHON=python3.12    the Python that .venv is made from
# make TORCH_INDEX=         take PyTorch from the package index, on Linux with CUDA (several GB)

PYTHON ?= python3
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DOCS := $(VENV)/.installed-docs
# Each worker begins with one half of the tests, whose kernels are its own, and helps the other when it is done.
WORKERS := -n 2 --dist worksteal
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt

.PHONY: setup demo test thorough lint bench figures picture pictures notebooks proof docs clean distclean
.DEFAULT_GOAL := test
.DELETE_ON_ERROR:

setup: $(INSTALLED)

# The stamp is written last and removed first: without it .venv may be half done, and starts anew.
$(INSTALLED): pyproject.toml constraints.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "tapehead needs Python 3.11 or newer; '$(PYTHON)' is $$("$(PYTHON)" --version 2>&1)." >&2; \
		echo "Name another one: make PYTHON=python3.12" >&2; exit 1; }
	@test -f $@ || "$(PYTHON)" -m venv --clear $(VENV)
	@rm -f $@
	@echo "Installing into $(VENV) ..."
ifneq ($(strip $(TORCH_INDEX)),)
	@# The CPU build, where its index can be reached; otherwise what the configured index has.
	@$(PIP_INSTALL) --quiet --quiet --no-deps --retries 1 --timeout 15 --extra-index-url $(TORCH_INDEX) torch
endif
	@$(PIP_INSTALL) --quiet --editable '.[dev]'
	@touch $@

demo: $(INSTALLED)
	$(BIN)/python examples/demo.py

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

test: lint
	$(BIN)/pytest $(WORKERS)

thorough: lint
	THOROUGH=1 $(BIN)/pytest $(WORKERS)

bench: $(INSTALLED)
	$(BIN)/tapehead bench -o docs --force

figures: $(INSTALLED)
	$(BIN)/python -m compiled_models.elicit.figures

picture: $(INSTALLED)
	$(BIN)/python -m tests.compiled_models.view.screenshot docs/figures/page.png

pictures: $(INSTALLED)
	for kind in svg png; do \
		$(BIN)/tapehead picture attention increment 1011 -o docs/figures/attention.$$kind --force && \
		$(BIN)/tapehead picture ledger increment 1011 --step 6 -o docs/figures/ledger.$$kind --force && \
		$(BIN)/tapehead picture ledger increment 1011 --step 9 -o docs/figures/ledger-9.$$kind --force && \
		$(BIN)/tapehead picture residual increment 1011 -o docs/figures/residual.$$kind --force && \
		$(BIN)/tapehead picture weights blocks.2.attn.W_K -o docs/figures/weights.$$kind --force || exit 1; \
	done

proof: $(INSTALLED)
	$(BIN)/tapehead prove --all $(if $(CHECK),--recheck)

notebooks: $(INSTALLED)
	$(BIN)/python -m examples.notebooks.execute

$(DOCS): $(INSTALLED)
	@$(PIP_INSTALL) --quiet --editable '.[docs]'
	@touch $@

docs: $(DOCS)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

clean:
	rm -rf build dist ./*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)
