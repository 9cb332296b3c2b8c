# Everything that is done with this repository, each target with its own set-up, each safe to repeat.
# `make` alone lists them. Nothing here needs a cluster; kwctl is used where it is installed.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# With RUST_BACKTRACE set, kwctl's error texts carry a stack trace, and the tests compare texts.
unexport RUST_BACKTRACE

CARGO_TARGET_DIR ?= target
HOST := $(CARGO_TARGET_DIR)/debug/pss-host
HOST_TO_MEASURE := $(CARGO_TARGET_DIR)/measure/pss-host
XTASK := $(CARGO_TARGET_DIR)/debug/xtask
SOURCES := Cargo.toml Cargo.lock scripts/wasm-cargo $(shell find src crates/core -type f)
PAGE_SOURCES := $(SOURCES) $(shell find crates/manifest crates/review playground/core/src playground/core/Cargo.toml -type f)
# Programs of others that few targets need, each in one version.
TOOLS := $(CARGO_TARGET_DIR)/tools
CARGO_DENY := $(TOOLS)/cargo-deny@0.20.2/bin/cargo-deny
CARGO_CYCLONEDX := $(TOOLS)/cargo-cyclonedx@0.5.9/bin/cargo-cyclonedx
ZIZMOR := $(TOOLS)/zizmor@1.32.0/bin/zizmor
SAMPLES := $(addprefix tests/data/,accepted-pod.json rejected-pod.json rejected-deployment.json namespace-label-change.json)

# e2e.bats runs with any program that takes kwctl's arguments.
KWCTL ?= $(if $(shell command -v kwctl),kwctl,$(HOST))
# A module must be annotated for the real kwctl to grant what it asks for; the host grants it anyway.
E2E_POLICY = $(if $(findstring pss-host,$(KWCTL)),policy.wasm,annotated-policy.wasm)

##@ Use
.PHONY: run
run: policy.wasm host ## judge the sample requests in tests/data and print each verdict
	@$(HOST) show policy.wasm $(SAMPLES)

policy.wasm: plain-policy.wasm xtask/src/preinit.rs xtask/src/direct_calls.rs optimizer/node_modules/.package-lock.json | xtask ## build the policy module
	$(XTASK) preinit plain-policy.wasm -o $@.part
	$(XTASK) direct-calls $@.part -o $@.part
	$(call optimized,$@)

# Optimizes TO.part with wasm-opt and renames it to TO: $(call optimized,TO,OPTION...).
define optimized
optimizer/node_modules/.bin/wasm-opt -O3 $2 $(WASM_FEATURES:%=--enable-%) -o $1.part $1.part
mv $1.part $1
endef

# The features that rustc enables by default. The linker does not record them in the module, so wasm-opt needs them.
WASM_FEATURES := bulk-memory bulk-memory-opt call-indirect-overlong multivalue mutable-globals \
    nontrapping-float-to-int reference-types sign-ext

# The module as rustc builds it: not initialized, with indirect calls, and a seventh larger.
plain-policy.wasm: $(SOURCES) | setup-wasm
	scripts/wasm-cargo build wasm32-wasip1 $@ --locked

# The playground's module and its bindings. The TypeScript declarations come from a separate build, because the code that
# describes the types makes the module larger.
PAGE_MODULE := playground/core/pkg/core.js
$(PAGE_MODULE): $(PAGE_SOURCES) xtask/src/bindgen.rs optimizer/node_modules/.package-lock.json | setup-wasm-page xtask
	mkdir -p $(@D)
	scripts/wasm-cargo build wasm32-unknown-unknown playground.wasm --locked --features typescript
	$(XTASK) bindgen playground.wasm $(@D)
	mv $(@D)/core.d.ts playground.d.ts
	scripts/wasm-cargo build wasm32-unknown-unknown playground.wasm --locked
	$(XTASK) bindgen playground.wasm $(@D)
	optimizer/node_modules/.bin/wasm-opt $(PAGE_PASSES:%=--%) $(WASM_FEATURES:%=--enable-%) -o $(@D)/core_bg.wasm $(@D)/core_bg.wasm
	mv playground.d.ts $(@D)/core.d.ts
	touch $@

# The passes of wasm-opt that make the module smaller as it is loaded, compressed: by 3 %. Its levels, -Oz among them, make
# it larger.
PAGE_PASSES := duplicate-function-elimination rse dae-optimizing duplicate-function-elimination vacuum remove-unused-brs \
    remove-unused-names merge-blocks vacuum coalesce-locals reorder-locals duplicate-function-elimination

PLAYGROUND_FILES = $(wildcard playground/*.*) $(shell find playground/src playground/build playground/public -type f 2>/dev/null)

.PHONY: playground
playground: playground/dist/index.html ## build the page into playground/dist, and check its size
	@node playground/scripts/bundleSize.mjs

playground/dist/index.html: $(PAGE_MODULE) playground/node_modules/.package-lock.json $(PLAYGROUND_FILES)
	cd playground && node_modules/.bin/tsc --noEmit && node_modules/.bin/vite build

# npm writes this file last, so that an installation that was interrupted is done again.
%/node_modules/.package-lock.json: %/package-lock.json %/package.json %/.npmrc | setup-node
	cd $* && npm ci --ignore-scripts
	touch $@

.PHONY: serve
serve: playground ## serve the page on 127.0.0.1, port 8080 or the next that is free (or PORT=...)
	@exec node playground/scripts/serve.mjs

annotated-policy.wasm: policy.wasm metadata.yml README.md ## build the module with its metadata, as it is published (needs kwctl)
	@command -v kwctl >/dev/null || { \
	    echo "make $@: kwctl is not installed, and only kwctl can annotate a module." >&2; \
	    echo "Install it (https://docs.kubewarden.io/reference/kwctl-cli) or use policy.wasm as it is." >&2; exit 1; }
	kwctl annotate -m metadata.yml -u README.md -o $@.part policy.wasm
	mv $@.part $@

policy.cdx.json: Cargo.toml Cargo.lock | setup-rust $(CARGO_CYCLONEDX) ## list what the module is built from, as CycloneDX
	$(CARGO_CYCLONEDX) cyclonedx --target wasm32-wasip1 --format json --spec-version 1.5 --override-filename $(basename $@)
	@find . -mindepth 2 -maxdepth 3 -name $@ -delete # what it made of the tools and tests

.PHONY: artifacthub-pkg.yml
artifacthub-pkg.yml: ## make the package for Artifact Hub anew from metadata.yml and questions-ui.yml (needs kwctl)
	scripts/artifacthub-pkg

##@ Check
.PHONY: test
test: setup-rust setup-bats policy.wasm host ## run all tests, those that run the real module and the page in a browser included
	cargo test --workspace --locked
	$(MAKE) --no-print-directory test-playground
	$(MAKE) --no-print-directory test-server
	@if command -v kwctl >/dev/null; then \
	    $(MAKE) --no-print-directory e2e KWCTL=$(KWCTL_AND_HOST); \
	else \
	    $(MAKE) --no-print-directory e2e KWCTL=$(HOST); \
	    echo "SKIPPED: e2e.bats with the real kwctl, which is not installed; it passed with the host of this repository."; \
	fi

# With it, each case of e2e.bats is put to kwctl and to the host, and their answers are compared.
KWCTL_AND_HOST := tests/server/kwctl-and-host.mjs

.PHONY: e2e
e2e: setup-bats ## run e2e.bats with kwctl, or with the host of this repository where there is none (or KWCTL=...)
	@$(MAKE) --no-print-directory $(E2E_POLICY) $(if $(findstring host,$(KWCTL)),host setup-node)
	@echo "e2e.bats with $(KWCTL) and $(E2E_POLICY):"
	HOST=$(HOST) KWCTL=$(KWCTL) POLICY=$(E2E_POLICY) bats e2e.bats

# The tests skip what needs a program that is missing; what that is, is said here, where nobody overlooks it.
.PHONY: test-server
test-server: setup-node ## put the module through the real kwctl, registry and policy-server (those that are on PATH)
	@if ! command -v kwctl >/dev/null; then \
	    echo "SKIPPED: tests/server, all that needs the module: kwctl is not installed, and only kwctl can annotate it."; \
	    node --test --test-reporter=spec tests/server/kwctl-and-host.test.mjs; \
	    exit; \
	fi; \
	$(MAKE) --no-print-directory annotated-policy.wasm; \
	if registry=$$(scripts/setup-registry && scripts/setup-registry find); then export DOCKER_REGISTRY=$$registry; fi; \
	node --test --test-reporter=spec tests/server/*.test.mjs; \
	for program in policy-server openssl "$${DOCKER_REGISTRY:-docker-registry}"; do \
	    command -v "$$program" >/dev/null || echo "SKIPPED: the tests in tests/server that need $$program, which is not installed."; \
	done

# What it prints can be pasted into a Markdown document. The do-nothing policy is built like the others of benches/.
.PHONY: load
load: setup-node annotated-policy.wasm benches/nothing.wasm host ## put policy-server under load with 1, 8 and 64 connections, SECONDS=60 each, and to large requests (needs kwctl, policy-server)
	@SECONDS=$(SECONDS) node tests/server/load.mjs benches/nothing.wasm $(HOST)

.PHONY: test-playground
test-playground: playground setup-browser ## run the tests of the page in Chromium (or CHROMIUM=...)
	node --test $(TESTS_OF_PAGE)

.PHONY: screenshot
screenshot: playground setup-browser ## make docs/playground.png, which the README shows, anew
	SCREENSHOT=1 node --test $(TESTS_OF_PAGE)

TESTS_OF_PAGE := playground/tests/page.test.mjs

# Fuzz targets are a workspace of their own. Nothing is linked here, so that libFuzzer need not be built.
.PHONY: lint
lint: setup-rust setup-wasm setup-wasm-page $(PAGE_MODULE) playground/node_modules/.package-lock.json lint-workflows ## check the format; clippy, warnings as errors, on this machine's target and on both wasm targets; the page's types; the workflows
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	CUSTOM_LIBFUZZER_PATH=nothing/libfuzzer.a cargo clippy --manifest-path fuzz/Cargo.toml --target-dir $(CARGO_TARGET_DIR) --all-targets --locked -- -D warnings
	scripts/wasm-cargo clippy wasm32-wasip1 --locked
	scripts/wasm-cargo clippy wasm32-unknown-unknown --locked
	cd playground && node_modules/.bin/tsc --noEmit

# A test fails too if the document is out of date.
.PHONY: docs
docs: xtask ## generate docs/checks.md, the reference page of the checks
	@$(XTASK) docs docs/checks.md

.PHONY: lint-workflows
lint-workflows: ## check .github/workflows for what could be abused (needs Python's pip)
	@if python3 -m pip --version >/dev/null 2>&1; then \
	    $(MAKE) --no-print-directory --silent $(ZIZMOR) && $(ZIZMOR) --offline --quiet --persona pedantic .github/workflows; \
	else \
	    echo "SKIPPED: .github/workflows was not checked: zizmor is installed with Python's pip, which is missing."; \
	fi

.PHONY: deny
deny: setup-rust $(CARGO_DENY) ## check licences and sources of everything that is linked, by deny.toml
	$(CARGO_DENY) --workspace --locked check licenses bans sources
	$(CARGO_DENY) --manifest-path fuzz/Cargo.toml --config deny.toml --locked check $(UNMET:%=--allow %) licenses bans sources

# What deny.toml allows and the fuzz targets have no use for.
UNMET := license-not-encountered license-exception-not-encountered unmatched-skip-root

# Properties are tried on the same samples each time, so that no mutant is noticed by chance.
.PHONY: mutants
mutants: setup-rust ## change the judging code in a thousand ways, and see that a test notices each: hours (or MUTANTS='--re src/...')
	@command -v cargo-mutants >/dev/null || cargo install cargo-mutants --locked
	PROPTEST_RNG_SEED=5 PROPTEST_CASES=64 cargo mutants $(MUTANTS)

# How long each target is fuzzed, in seconds.
SECONDS ?= 60

.PHONY: fuzz
fuzz: setup-rust ## fuzz each target for a minute (or SECONDS=...), and fail where one finds something (or TARGETS=...)
	scripts/fuzz $(SECONDS) $(TARGETS)

.PHONY: fuzz-minimise
fuzz-minimise: setup-rust ## keep in fuzz/corpus what is needed to reach as much as was reached so far (or TARGETS=...)
	scripts/fuzz minimise $(TARGETS)

.PHONY: bench
bench: setup-rust ## measure the native core (criterion) and the module, and fail over a budget
	cargo bench --locked -p pod-security-standards --profile measure
	@$(MAKE) --no-print-directory bench-module

# What a request may cost, in multiples of what it costs other policies in the same run: what a machine does
# besides slows all of them. BENCHMARKS.md says what each figure means.
BUDGETS := --at-most 'instance 1.2 nothing.wasm' --at-most 'call 2 nothing.wasm' --at-most 'call 0.2 reference.wasm'
COMPARED := policy.wasm benches/nothing.wasm benches/reference.wasm
# How many containers, and how many exemption rules, are measured to see that cost grows with their number.
GROWTH := 1 10 100 1000
comma := ,
MEASURED := $(CARGO_TARGET_DIR)/bench
GROW = $(HOST_TO_MEASURE) growth policy.wasm --numbers $(subst $() ,$(comma),$(GROWTH))

# Everything is measured, even if something is over its budget.
.PHONY: bench-module
bench-module: $(COMPARED) | setup-rust ## measure the module only: its budgets, and how cost grows
	cargo build --locked -p pss-host --profile measure
	@mkdir -p $(MEASURED)
	@scripts/pods 300 > $(MEASURED)/pods-300.jsonl
	@for number in $(GROWTH); do \
	    scripts/pods 1 $$number > $(MEASURED)/containers-$$number.json; \
	    scripts/pods 1 $$number privileged > $(MEASURED)/privileged-containers-$$number.json; \
	    scripts/rules $$number > $(MEASURED)/rules-$$number.json; \
	done
	@over=; restricted=(--settings-json '{"level":"restricted"}'); \
	$(HOST_TO_MEASURE) bench $(COMPARED) -r $(MEASURED)/pods-300.jsonl -n 6000 "$${restricted[@]}" $(BUDGETS) || over=yes; \
	for pod in accepted rejected; do \
	    echo; $(HOST_TO_MEASURE) bench $(COMPARED) -r tests/data/$$pod-pod.json "$${restricted[@]}" || over=yes; \
	done; \
	for containers in containers privileged-containers; do \
	    echo; $(GROW) --of $$containers -r $(MEASURED)/$$containers-{}.json "$${restricted[@]}" || over=yes; \
	done; \
	for pod in accepted rejected; do \
	    echo; $(GROW) --of 'exemption rules' -r tests/data/$$pod-pod.json -s $(MEASURED)/rules-{}.json || over=yes; \
	done; \
	[ -z "$$over" ] || { echo "make $@: something above is over its budget, or could not be measured." >&2; exit 1; }

.PHONY: bench-instance
bench-instance: setup-rust xtask ## measure what the cost of an instance depends on
	cargo build --locked -p pss-host --profile measure
	@scripts/instance-costs $(XTASK) $(HOST_TO_MEASURE) $(MEASURED)/instances

benches/nothing.wasm: benches/nothing/nothing.wat | xtask ## build the policy that does nothing, to measure by
	$(XTASK) assemble $< $@

benches/reference.wasm: Cargo.toml Cargo.lock scripts/wasm-ordinary $(shell find benches/reference -type f) | setup-wasm ## build a policy as policies usually are, to measure by
	scripts/wasm-ordinary $@

# The module with function names, from which the crate of each function is derived. It keeps its indirect calls: with
# direct calls wasm-opt would inline each function that has one caller, into the code of another crate.
NAMED := $(CARGO_TARGET_DIR)/named/policy.wasm

$(NAMED): $(SOURCES) optimizer/node_modules/.package-lock.json | setup-wasm xtask
	CARGO_PROFILE_RELEASE_STRIP=none CARGO_TARGET_DIR=$(@D) scripts/wasm-cargo build wasm32-wasip1 $@.part --locked
	$(XTASK) preinit $@.part -o $@.part
	$(call optimized,$@,--debuginfo)

.PHONY: size
size: policy.wasm $(NAMED) xtask ## print the size of the module and its parts, and fail if it is larger than 330 KiB
	@$(XTASK) size policy.wasm --names $(NAMED) --functions 15 --at-most 337920

##@ Keep
.PHONY: fmt
fmt: setup-rust ## format the code
	cargo fmt --all

.PHONY: setup
setup: setup-rust setup-wasm setup-wasm-page setup-bats setup-node setup-browser setup-registry ## install what the other targets need and this machine lacks

.PHONY: clean
clean: ## remove everything that was built
	cargo clean
	rm -f benches/*.wasm benches/*.wasm.part policy.cdx.json policy.wasm policy.wasm.part plain-policy.wasm plain-policy.wasm.part annotated-policy.wasm annotated-policy.wasm.part playground.wasm playground.wasm.part
	rm -rf playground/core/pkg playground/dist playground/node_modules optimizer/node_modules

.PHONY: help
help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } \
	    /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z][a-z0-9.-]*:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The test host. cargo rebuilds it if its sources changed.
.PHONY: host
host: setup-rust
	cargo build --locked -p pss-host

# Built from their sources, which takes minutes for the first time. The directory says which version.
$(CARGO_DENY) $(CARGO_CYCLONEDX): | setup-rust
	cargo install --locked --root $(@D)/.. $(notdir $(patsubst %/bin/$(@F),%,$@))

$(ZIZMOR):
	PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --target $(@D)/.. $(subst @,==,$(notdir $(patsubst %/bin/$(@F),%,$@)))

# The build steps that cargo does not do.
.PHONY: xtask
xtask: setup-rust
	cargo build --locked -p xtask

.PHONY: setup-rust
setup-rust:
	@scripts/setup-rust

.PHONY: setup-wasm
setup-wasm: setup-rust
	@scripts/wasm-cargo setup wasm32-wasip1

.PHONY: setup-wasm-page
setup-wasm-page: setup-rust
	@scripts/wasm-cargo setup wasm32-unknown-unknown

.PHONY: setup-bats
setup-bats:
	@command -v bats >/dev/null || scripts/apt-install bats

.PHONY: setup-node
setup-node:
	@scripts/setup-node

.PHONY: setup-registry
setup-registry:
	@scripts/setup-registry

.PHONY: setup-browser
setup-browser: setup-node
	@scripts/setup-browser
