# Every target prints what it does; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PYTEST := $(BIN)/pytest
# Whisper brings torch with it, some gigabytes: it gets an environment of its own.
SPEECH_VENV := .venv-speech
CLUSTER := hack/cluster/cluster
# A media test is CPU work: more processes than cores only slow each other down.
JOBS   ?= 2
# What `test` runs a quarter of the media tests with; all of them run with the one on PATH.
FFMPEGS ?= 7 latest

say = @printf '\033[1m==> %s\033[0m\n' "$(1)"

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  \033[1m%-18s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- See it work ---------------------------------------------------------------------------------

.PHONY: demo up down
demo: up ## Everything from nothing: cluster, images, chart, sample media, VideoJobs, a table of what was made
	$(call say,Running the example VideoJobs)
	@$(BIN)/python -m hack.demo

up: setup ## A real Kubernetes (kind) with VideoJobs installed from this checkout
	$(call say,Bringing up a cluster with VideoJobs in it)
	@$(BIN)/python -m hack.install

down: ## Take the cluster away, and what was started for it
	$(call say,Taking the cluster away)
	@$(CLUSTER) down

# --- Test it -------------------------------------------------------------------------------------

.PHONY: test test-unit test-integration test-ffmpeg test-ffmpegs test-speech test-chart test-e2e test-compose check
test: check test-unit test-integration test-ffmpegs test-speech test-chart test-e2e test-compose ## Everything: checks, unit, integration, speech, chart, end to end
	$(call say,All tests passed)

check: setup ## Format, lint, types, direction of imports
	$(call say,Checking format and lint (ruff))
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	$(call say,Checking types (mypy --strict))
	@$(BIN)/mypy
	$(call say,Checking the direction of imports (import-linter))
	@$(BIN)/lint-imports

test-unit: setup ## Seconds: no server is started
	$(call say,Unit tests)
	@$(PYTEST) tests/unit -n $(JOBS)

test-integration: setup $(SPEECH_VENV)/.installed test-tools ## Ten minutes: real API server, Redis, Celery, ffmpeg and Whisper
	$(call say,Integration tests)
	@$(PYTEST) tests/integration -n $(JOBS) --dist loadscope

test-ffmpeg: setup test-tools ## The media tests with another ffmpeg: VERSION=7, latest, 5.1 (where PATH has it) or a path; of some files TESTS="..."
	$(call say,Media tests with ffmpeg $(VERSION))
	@folder=$$($(BIN)/python -m hack.ffmpeg "$(VERSION)"); PATH="$$folder:$$PATH" \
	  $(PYTEST) $(or $(TESTS),tests/unit/worker tests/integration/worker) -n $(JOBS) --dist loadscope $(if $(ONLY),-m $(ONLY))

test-ffmpegs: ## Those that depend most on the version, with each ffmpeg that is not on PATH
	$(call say,Media tests that depend most on the version of ffmpeg)
	@for version in $(FFMPEGS); do $(MAKE) --no-print-directory test-ffmpeg VERSION=$$version ONLY=ffmpeg_matrix; done

test-chart: setup test-tools ## The chart: lint, rendered manifests against the Kubernetes schemas
	$(call say,Chart tests)
	@$(PYTEST) tests/chart -n $(JOBS)

test-e2e: up ## On a real Kubernetes, with the project's images and chart
	$(call say,End to end tests)
	@$(PYTEST) tests/e2e -o timeout=900

test-compose: up $(SPEECH_VENV)/.installed ## The compose stack with the same images, Flower in a browser
	$(call say,Compose tests)
	@$(SPEECH_VENV)/bin/python -m pytest tests/compose -o timeout=1200

.PHONY: test-tools
test-tools:
	$(call say,Looking for the tools that the tests need)
	@$(CLUSTER) tools kubernetes helm kubeconform versitygw ffmpeg redis-server systemd-analyze >/dev/null

test-speech: setup $(SPEECH_VENV)/.installed test-tools ## Captions with the real Whisper code and a tiny checkpoint
	$(call say,Speech tests)
	@$(SPEECH_VENV)/bin/python -m pytest tests/speech

$(SPEECH_VENV)/.installed: requirements/speech-test.txt pyproject.toml
	$(call say,Installing Whisper and torch into $(SPEECH_VENV) (about a minute the first time))
	@$(PYTHON) -m venv $(SPEECH_VENV)
	@$(BIN)/uv pip install --quiet --python $(SPEECH_VENV)/bin/python --require-hashes -r requirements/speech-test.txt
	@$(BIN)/uv pip install --quiet --python $(SPEECH_VENV)/bin/python --no-deps -e .
	@touch $@

# --- Change it -----------------------------------------------------------------------------------

.PHONY: setup format crds chart-readme reference pictures lock hooks clean
setup: $(VENV)/.installed ## The Python environment in .venv, pinned

$(VENV)/.installed: requirements/dev.txt pyproject.toml
	$(call say,Installing the development environment into $(VENV) (a minute or two))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed, $$($(PYTHON) --version) was found: set PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

format: setup ## Format the code and mend what the linter can mend
	$(call say,Formatting and mending (ruff))
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

crds: setup ## Write crds/ and the chart's copy from the typed models
	$(call say,Generating the CustomResourceDefinitions)
	@$(BIN)/python -m videojobs_operator.api.crds crds helm/videojobs/crds

chart-readme: setup ## Write the table of values in the chart's README
	$(call say,Generating the chart's table of values)
	@$(BIN)/python -m hack.chart_values

reference: setup ## Write docs/reference/ of the custom resources from the CRDs
	$(call say,Generating the reference)
	@$(BIN)/python -m hack.reference

pictures: setup test-tools ## Render the examples of timelines and write the documentation's pictures of them
	$(call say,Making the pictures of docs/how-to/timelines.md)
	@$(BIN)/python -m hack.pictures

lock: setup ## Pin the dependencies anew (needs uv)
	$(call say,Pinning dependencies)
	@requirements/lock

hooks: setup ## Check every commit before it is made
	$(call say,Installing the commit hooks (pre-commit))
	@$(BIN)/pre-commit install

clean: ## Remove the environments and caches of this checkout
	$(call say,Removing the environments and caches of this checkout)
	@rm -rf $(VENV) $(SPEECH_VENV) .ffmpeg .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
