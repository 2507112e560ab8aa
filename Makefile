# plinth. `make help` lists what there is to make.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

# What a caller may set. VERSION, DEPLOY_NAME and REGISTRY say otherwise than the model, for one run.
MODEL ?=
VERSION ?=
IMAGES ?=
SINCE ?=
DEPLOY_NAME ?=
REGISTRY ?=
# Of building images: see images/README.md.
ENGINE ?=
JOBS ?=
APT_MIRROR ?=
APT_SNAPSHOT ?=
NO_CACHE ?=
PUSH ?=
DRY_RUN ?=

arch := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x64)
# Node 24 comes from npm: nobody has to install one by hand.
export PATH := $(CURDIR)/node_modules/node-linux-$(arch)/bin:$(CURDIR)/node_modules/.bin:$(PATH)

ready := node_modules/.ready
sources := $(shell find src scripts/build config-templates model/classes model/nodes -type f 2>/dev/null) images/sample.env package.json
binary := build/bin/plinth
tree := build/plinth/bin/plinth

.PHONY: help
help: ## What there is to make
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  MODEL=folder (default: model)   IMAGES=\"nova-controller ...\" (default: all)   SINCE=revision (only images that changed in the model since then)"
	@echo "  VERSION=2026.1, DEPLOY_NAME=name, REGISTRY=host (default: the model's)   PUSH=1 (upload)   DRY_RUN=1 (only show the plan)   NO_CACHE=1 (anew)"
	@echo "  ENGINE=docker|podman   JOBS=2 (side by side)   APT_MIRROR=https://host/debian   APT_SNAPSHOT=20261101T000000Z"

# Not `npm ci`: it refuses a lock file without the packages of platforms that a registry mirror does not carry.
# Versions and hashes come from the lock file all the same, and --no-save leaves it as it is.
$(ready): package-lock.json
	@npm install --no-save --loglevel=error
	@touch $@

$(binary): $(ready) $(sources)
	@node scripts/build/binary.ts

$(tree): $(ready) $(sources)
	@node scripts/build/binary.ts --relocate

.PHONY: binary
binary: $(tree) ## The binary: build/bin/plinth for this machine, build/plinth/ for images (needs patchelf)

.PHONY: run
run: $(binary) ## The whole main job once, without Docker, etcd or OpenStack: files under build/run
	@scripts/run.sh

.PHONY: check
check: $(ready) ## Types, lint and format
	@tsc -p .
	@biome check .

.PHONY: test
test: check $(binary) ## All tests that need no Docker (real servers where Debian's packages are installed)
	@node --test 'test/!(e2e)/**/*.test.ts'

# What is asked for by 1 or yes.
on = $(if $(filter-out 0 no,$(1)),$(2))

.PHONY: images
images: $(tree) ## The model's container images: make images VERSION=2025.1 IMAGES="keystone-server nova-controller"
	@node images/build.ts $(if $(MODEL),--model '$(MODEL)') $(foreach image,$(IMAGES),--image $(image)) $(if $(SINCE),--since '$(SINCE)') \
	  $(if $(VERSION),--release $(VERSION)) $(if $(DEPLOY_NAME),--deploy-name $(DEPLOY_NAME)) $(if $(REGISTRY),--registry $(REGISTRY)) \
	  $(if $(ENGINE),--engine $(ENGINE)) $(if $(JOBS),--jobs $(JOBS)) $(if $(APT_MIRROR),--mirror '$(APT_MIRROR)') \
	  $(if $(APT_SNAPSHOT),--snapshot $(APT_SNAPSHOT)) $(call on,$(NO_CACHE),--no-cache) $(call on,$(PUSH),--push) $(call on,$(DRY_RUN),--dry-run)

# The dev stack. What compose.yaml and scripts/stack read from the environment.
STACK ?= plinth
S ?=
ARGS ?=
NETWORK ?=
STACK_NETWORK ?=
stack := STACK='$(STACK)' VERSION='$(VERSION)' DEPLOY_NAME='$(DEPLOY_NAME)' REGISTRY='$(REGISTRY)' ENGINE='$(ENGINE)' NETWORK='$(NETWORK)' STACK_NETWORK='$(STACK_NETWORK)'

.PHONY: up
up: $(tree) ## A whole OpenStack on this machine: builds what is missing, starts it, ends when the cloud works
	@$(stack) node scripts/stack/up.ts

.PHONY: down
down: $(ready) ## Ends it and removes all it made
	@$(stack) node scripts/stack/down.ts

.PHONY: ps
ps: $(ready) ## Its containers
	@$(stack) node scripts/stack/compose.ts ps --all --format 'table {{.Service}}\t{{.Status}}'

.PHONY: logs
logs: $(ready) ## What they say: make logs S=nova-api
	@$(stack) node scripts/stack/compose.ts logs --no-color $(S)

.PHONY: openstack
openstack: $(ready) ## The real client against it: make openstack ARGS="server list"
	@$(stack) node scripts/stack/client.ts $(ARGS)

.PHONY: tempest
tempest: $(ready) ## Tempest's smoke set against it: build/bench/tempest.json
	@$(stack) node scripts/stack/tempest.ts

.PHONY: shell
shell: $(ready) ## A shell in one of its containers: make shell S=nova-api
	@$(stack) node scripts/stack/compose.ts exec $(or $(S),$(error which container? make shell S=nova-api)) bash

.PHONY: e2e
e2e: $(tree) ## End to end with Docker: the binary in containers, a real keystone and a real client
	@node --test --test-concurrency=1 'test/e2e/*.test.ts'

.PHONY: e2e-long
e2e-long: $(tree) ## What takes longer: every health check in every situation, every secret of the stack changed
	@node --test --test-concurrency=1 'test/e2e/long/*.test.ts'

.PHONY: e2e-all
e2e-all: e2e ## The same for zed and 2026.1, too
	@for version in zed 2026.1; do VERSION=$$version node --test --test-concurrency=1 'test/e2e/*.test.ts'; done

.PHONY: bench
bench: $(binary) ## Measure starting and reacting: build/bench/start.json, build/bench/reaction.json
	@node scripts/bench/start.ts
	@node scripts/bench/reaction.ts

.PHONY: bench-model
bench-model: $(binary) ## Measure compiling models beside Debian's reclass: build/bench/model.json (needs reclass)
	@node scripts/bench/model.ts

.PHONY: golden
golden: $(ready) ## Regenerate the golden files, the JSON Schema and docs/errors.md
	@node scripts/golden.ts
	@node scripts/schema.ts
	@node scripts/errors.ts

.PHONY: option-lists
option-lists: $(ready) ## Read every option of zed, 2025.1 and 2026.1 out of Debian's packages (needs Docker)
	@node scripts/option-lists.ts

.PHONY: clean
clean: ## Remove build/
	@rm -rf build
