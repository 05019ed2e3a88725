# Everything a person does with Chatflow. `make` alone lists it; `make run` sets up whatever is missing first.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

STAGE ?= dev
CONVERSATIONS_PER_SECOND ?= 10
ARGS ?=

VENV := .venv
PYTHON := $(VENV)/bin/python
CDK := node_modules/.bin/cdk
NPM_CONSOLE := npm --prefix console --silent
# The CDK runs app.py in this checkout's environment, also in a shell where another one is active.
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
review = PYTHONPATH=layers/chatflow/python:functions:. $(PYTHON) -W ignore -m infrastructure.review
# Reads the account, and says what to add to the CDK's arguments; or why the deploy must not begin.
preflight = PYTHONPATH=layers/chatflow/python:functions:. $(PYTHON) -W ignore -m infrastructure.preflight
# A file's tests stay in one process, for they share what they set up. Byte-code is kept, whatever this shell says: both
# processes, and each program that a test starts, would compile everything anew.
pytest = PYTHONDONTWRITEBYTECODE= $(VENV)/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 20
# The newest Python at hand, 3.11 or newer; say PYTHON3=... for another.
PYTHON3 ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

.PHONY: help run up down status demo chaos test test-slow check fix docs permissions benchmark console-figures console-speed idle-bill security synth validate openapi doctor deploy destroy lock clean

##@ Try it on this machine

run: ready ## Start the local stack and chat with it; Ctrl-C ends it
	@$(PYTHON) -m local run $(ARGS)

up: ready ## Start the local stack in the background
	@$(PYTHON) -m local up $(ARGS)

down: $(VENV)/.installed ## End the local stack
	@$(PYTHON) -m local down

status: $(VENV)/.installed ## Say what runs where
	@$(PYTHON) -m local status

demo: ready ## Play whole conversations on the local stack and show them
	@$(PYTHON) -m local.demo $(ARGS)

chaos: ready ## Many customers while workers die and APIs fail; nothing may be lost. ARGS="--conversations 30 --seed 2"
	@$(PYTHON) -m local.chaos $(ARGS)

##@ Work on it

check: installed ## Format, lint, types, who may import whom, what the documents say; the console's, too
	@failed=0; export PYTHONPATH=functions:layers/chatflow/python:.; \
	for tool in "ruff format --check ." "ruff check ." "mypy" "lint-imports" "pytest -q -m lint tests/test_documents.py"; do \
		echo "--- $$tool"; $(VENV)/bin/$$tool || failed=1; done; \
	for script in "check" "api -- --check"; do \
		echo "--- console: npm run $$script"; $(NPM_CONSOLE) run $$script || failed=1; done; exit $$failed

fix: installed ## Format, and repair what the linters can repair
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	$(NPM_CONSOLE) run fix

# The console's tests run beside the others, which leave a processor idle while they wait; what they say comes at the end.
test: ready ## The quick tests, the console's and one conversation on the local stack included; ARGS="tests/unit/chatflow/media -x" for some
	@failed=0; $(if $(ARGS),,said=$$(mktemp); $(NPM_CONSOLE) test >$$said 2>&1 & console=$$!; \
	trap 'kill $$console 2>/dev/null || true; rm -f $$said' EXIT;) \
	$(pytest) -m "not slow and not lint" $(ARGS) || failed=1; \
	$(if $(ARGS),,wait $$console || failed=1; cat $$said;) exit $$failed

test-slow: ready ## All other tests: every journey, large files, killed workers, packages, pages in a browser
	$(pytest) -m slow $(ARGS)

validate: $(VENV)/.installed ## Check the flows in flows/ and name every problem
	@PYTHONPATH=layers/chatflow/python:functions $(PYTHON) -m chatflow.flows flows

docs: $(VENV)/.installed ## Write the sections of node types in docs/flow-format.md, and docs/schema, anew from the code
	@$(review) docs

permissions: ready ## Write docs/permissions.md anew: who may do what, as the template says
	@$(review) permissions

idle-bill: ready ## What the stack costs a month while nobody chats; STAGE=prod for another than dev
	@$(review) idle-bill $(STAGE)

benchmark: installed ## How fast and frugal Chatflow is, beside the goals; ARGS="--rounds 3 streams" for less
	@PYTHONPATH=layers/chatflow/python:functions:. $(PYTHON) -W ignore -m tests.benchmarks $(ARGS)

scale-model: ready ## What CONVERSATIONS_PER_SECOND=10 need of AWS, which limits they meet, and what they cost
	@$(review) scale-model $(CONVERSATIONS_PER_SECOND) $(ARGS)

console-figures: ready ## What a browser loads for the pages of the web console, beside the goals
	@PYTHONPATH=. $(PYTHON) -m tests.benchmarks.console_figures

console-speed: ready ## How quickly the web console opens and drags a flow of 200 nodes (needs chromium)
	@PYTHONPATH=layers/chatflow/python:. $(PYTHON) -m tests.benchmarks.console_speed $(ARGS)

security: ready ## Run the security scanners over code and templates, one line each
	@$(review) security

openapi: installed ## Write docs/openapi.json and the console's types anew, after an operation of the management API was changed
	@PYTHONPATH=layers/chatflow/python:functions $(PYTHON) -m management.write_openapi
	@$(NPM_CONSOLE) run api

lock: $(VENV)/.installed ## Choose dependencies anew and pin them by hash (needs the package registry)
	@$(call compile,dev,requirements-dev.txt,)
	@$(call compile,deploy,requirements.txt,--constraint requirements-dev.txt)
	@$(call compile,layer,layers/dependencies/requirements.txt,--constraint requirements-dev.txt)
	@$(call compile,publishing,layers/publishing/requirements.txt,--constraint requirements-dev.txt)
	@$(call compile,thumbnails,layers/thumbnails/requirements.txt,--constraint requirements-dev.txt)
	npm install --package-lock-only
	npm --prefix console install --package-lock-only

clean: ## Remove all that was made here: the local stack's folder, builds, .venv, node_modules
	@[ ! -x $(PYTHON) ] || $(PYTHON) -m local down || true
	rm -rf .local build cdk.out node_modules console/node_modules $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

##@ Bring it to AWS (with the AWS credentials of your shell; STAGE=prod for another than dev)

synth: ready ## Write the CloudFormation template to cdk.out
	$(CDK) synth --quiet -c stage=$(STAGE) $(ARGS)

doctor: ready ## Say what a deploy lacks; and, when the stack is deployed, whether it works
	@$(VENV)/bin/chatflow doctor --stage $(STAGE) $(ARGS)

deploy: ready ## Deploy into your AWS account
	@options=$$($(preflight) -c stage=$(STAGE) $(ARGS)); \
	echo "cdk deploy --require-approval never -c stage=$(STAGE) $(ARGS) $$options"; \
	$(CDK) deploy --require-approval never -c stage=$(STAGE) $(ARGS) $$options

destroy: ready ## Remove it from your AWS account; prod keeps its data
	@outputs=$$(PYTHONPATH=layers/chatflow/python $(PYTHON) -m chatflow_cli.channels.after_destroy $(STAGE) --outputs) || true; \
		$(CDK) destroy -c stage=$(STAGE) $(ARGS); \
		PYTHONPATH=layers/chatflow/python $(PYTHON) -m chatflow_cli.channels.after_destroy $(STAGE) "$$outputs"

connect-whatsapp: ## Store WhatsApp's credentials and show the webhook's address (connect-<channel> for another)
connect-%: $(VENV)/.installed
	@$(VENV)/bin/chatflow channels connect $* --stage $(STAGE) $(ARGS)

##@ Help

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@/ {printf "\n\033[1m%s\033[0m\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  \033[36mmake %-18s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo

# Set-up, done once and again when what it is made from changes.

.PHONY: installed ready
installed: $(VENV)/.installed node_modules/.installed console/node_modules/.installed
ready: installed build/console/index.html

$(VENV)/.installed: requirements-dev.txt pyproject.toml
	@[ -n "$(PYTHON3)" ] || { echo "Chatflow needs Python 3.11 or newer; none was found. Name one: make PYTHON3=/path/to/python3" >&2; exit 1; }
	@[ -x $(PYTHON) ] || { echo "Making $(VENV) with $$($(PYTHON3) --version)"; $(PYTHON3) -m venv $(VENV); }
	@# uv installs in a tenth of pip's time; it is pinned in the same file as the rest.
	@awk '/^[a-z]/ {uv = /^uv==/} uv' requirements-dev.txt > $(VENV)/uv.txt
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/uv.txt
	@echo "Installing Python packages"
	@$(VENV)/bin/uv pip install --quiet --require-hashes -r requirements-dev.txt \
		|| $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@# The command line `chatflow` is this checkout: what is edited here is what runs.
	@$(VENV)/bin/uv pip install --quiet --offline --no-deps --no-build-isolation -e . \
		|| $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

node_modules/.installed: package-lock.json
	@$(node)
	@echo "Installing the CDK command line"
	@npm ci --silent
	@touch $@

console/node_modules/.installed: console/package-lock.json
	@$(node)
	@echo "Installing what the web console is built with"
	@$(NPM_CONSOLE) ci
	@touch $@

# Every build writes this file anew. Types are checked by `make check`, so that a build takes seconds.
build/console/index.html: console/package-lock.json console/vite.config.ts console/licenses.ts console/index.html \
		$(shell find console/src console/public -type f ! -name '*.test.*') | console/node_modules/.installed
	@echo "Building the web console"
	@cd console && node_modules/.bin/vite build --logLevel error

define node
command -v npm >/dev/null && node -e "const [major, minor] = process.versions.node.split('.'); process.exit(major < 20 || (major == 20 && minor < 19) ? 1 : 0)" \
	|| { echo "Chatflow needs Node.js 20.19 or newer with npm, for the CDK command line and the web console." >&2; exit 1; }
endef

define compile
echo "$(2)"; $(VENV)/bin/uv pip compile pyproject.toml --group $(1) $(3) --upgrade --universal --generate-hashes \
	--no-emit-index-url --quiet --custom-compile-command "make lock" -o $(2)
endef
