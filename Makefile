# The tasks of this repository. Each target installs what it needs, and can be repeated. `make` lists them. No target needs a
# cluster; kwctl is used if it is installed.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# With RUST_BACKTRACE, the error messages of kwctl contain a stack trace, which the tests do not expect.
unexport RUST_BACKTRACE

CARGO_TARGET_DIR ?= target
HOST := $(CARGO_TARGET_DIR)/debug/pss-host
HOST_TO_MEASURE := $(CARGO_TARGET_DIR)/measure/pss-host
XTASK := $(CARGO_TARGET_DIR)/debug/xtask
PSS := $(CARGO_TARGET_DIR)/cli/pss
SOURCES := Cargo.toml Cargo.lock scripts/wasm-cargo $(shell find src crates/core -type f)
REVIEW_SOURCES := $(SOURCES) $(shell find crates/manifest crates/review -type f)
PAGE_SOURCES := $(REVIEW_SOURCES) $(shell find playground/core/src playground/core/Cargo.toml -type f)
ENGINE_SOURCES := $(PAGE_SOURCES) $(shell find crates/editor crates/formats crates/migrate playground/engine/src playground/engine/Cargo.toml playground/report -type f)
MIGRATION_SOURCES := $(REVIEW_SOURCES) $(shell find crates/migrate playground/migrate/src playground/migrate/Cargo.toml -type f)
# External programs that few targets need, each in a fixed version.
TOOLS := $(CARGO_TARGET_DIR)/tools
CARGO_DENY := $(TOOLS)/cargo-deny@0.20.2/bin/cargo-deny
CARGO_CYCLONEDX := $(TOOLS)/cargo-cyclonedx@0.5.9/bin/cargo-cyclonedx
ZIZMOR := $(TOOLS)/zizmor@1.32.0/bin/zizmor
CHECKOV := $(TOOLS)/checkov@3.3.30/bin/checkov
SAMPLES := $(addprefix tests/data/,accepted-pod.json rejected-pod.json rejected-deployment.json namespace-label-change.json)

# e2e.bats runs with any program that takes kwctl's arguments.
KWCTL ?= $(if $(shell command -v kwctl),kwctl,$(HOST))
# kwctl grants access to resources to annotated modules only; the test host grants it to any module.
E2E_POLICY = $(if $(findstring pss-host,$(KWCTL)),policy.wasm,annotated-policy.wasm)

##@ Use
.PHONY: run
run: setup-wasm ## evaluate the sample requests and a sample manifest in tests/data and print the verdicts
	@$(MAKE) --no-print-directory -j2 plain-policy.wasm host-and-pss
	@$(HOST) show plain-policy.wasm $(SAMPLES)
	@printf '\n$$ pss check tests/data/web.yaml\n'; \
	$(CARGO_TARGET_DIR)/debug/pss check tests/data/web.yaml || [ $$? -eq 1 ] # violations

# `make run` takes the module as rustc builds it: the steps after that for policy.wasm make it smaller and faster, and their tools take
# minutes to build. It is built beside these programs, because its last step uses one processor.
.PHONY: host-and-pss
host-and-pss: setup-rust
	cargo build --locked -p pss-host -p pss-cli

.PHONY: pss
pss: setup-rust ## build pss, the command line program, into target/cli/pss
	cargo build --locked -p pss-cli --profile cli
	@echo $(PSS)

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

# The playground's modules and their bindings: the core for the first verdict, the engine, which the page loads after it, and the
# migration, which it loads on demand.
PAGE_MODULE := playground/core/pkg/core.js
$(PAGE_MODULE): $(PAGE_SOURCES) xtask/src/bindgen.rs optimizer/node_modules/.package-lock.json | setup-wasm-page xtask
	$(call page_module,core,playground,--no-default-features --features bindings)

ENGINE_MODULE := playground/engine/pkg/engine.js
$(ENGINE_MODULE): $(ENGINE_SOURCES) xtask/src/bindgen.rs optimizer/node_modules/.package-lock.json | setup-wasm-page xtask
	$(call page_module,engine,playground-engine)

MIGRATION_MODULE := playground/migrate/pkg/migrate.js
$(MIGRATION_MODULE): $(MIGRATION_SOURCES) xtask/src/bindgen.rs optimizer/node_modules/.package-lock.json | setup-wasm-page xtask
	$(call page_module,migrate,playground-migrate)

PAGE_MODULES := $(PAGE_MODULE) $(ENGINE_MODULE) $(MIGRATION_MODULE)

# Builds a module and its bindings: $(call page_module,NAME,PACKAGE-WITHOUT-PSS,FEATURES). The TypeScript declarations come from a separate
# build, because the code that describes the types makes the module larger.
define page_module
mkdir -p $(@D)
scripts/wasm-cargo build wasm32-unknown-unknown:pss-$2 $2.wasm --locked $3 --features typescript
$(XTASK) bindgen --name $1 $2.wasm $(@D)
mv $(@D)/$1.d.ts $2.d.ts
scripts/wasm-cargo build wasm32-unknown-unknown:pss-$2 $2.wasm --locked $3
$(XTASK) bindgen --name $1 $2.wasm $(@D)
optimizer/node_modules/.bin/wasm-opt $(PAGE_PASSES:%=--%) $(WASM_FEATURES:%=--enable-%) -o $(@D)/$1_bg.wasm $(@D)/$1_bg.wasm
mv $2.d.ts $(@D)/$1.d.ts
touch $@
endef

# The passes of wasm-opt that make a module of the page smaller as it is loaded, compressed: by 3 %. Its levels, -Oz among them, make
# it larger.
PAGE_PASSES := duplicate-function-elimination rse dae-optimizing duplicate-function-elimination vacuum optimize-instructions \
    simplify-locals-nostructure remove-unused-brs remove-unused-names merge-blocks vacuum reorder-locals coalesce-locals \
    reorder-locals duplicate-function-elimination optimize-instructions code-folding rse remove-unused-module-elements \
    duplicate-function-elimination

PLAYGROUND_FILES = $(wildcard playground/*.*) $(shell find playground/src playground/build playground/public -type f 2>/dev/null)

.PHONY: playground
playground: playground/dist/index.html ## build the page into playground/dist, and check its size
	@node playground/scripts/bundleSize.mjs

playground/dist/index.html: $(PAGE_MODULES) playground/node_modules/.package-lock.json $(PLAYGROUND_FILES)
	cd playground && node_modules/.bin/tsc --noEmit && node_modules/.bin/vite build

# npm writes this file last, so that an interrupted installation is repeated.
%/node_modules/.package-lock.json: %/package-lock.json %/package.json %/.npmrc | setup-node
	cd $* && npm ci --ignore-scripts
	touch $@

.PHONY: serve
serve: playground ## serve the page on 127.0.0.1, on port 8080 or the next free one (or PORT=...)
	@exec node playground/scripts/serve.mjs

annotated-policy.wasm: policy.wasm metadata.yml README.md ## build the module with its metadata, for publication (needs kwctl)
	@command -v kwctl >/dev/null || { \
	    echo "make $@: kwctl is not installed, and only kwctl can annotate a module." >&2; \
	    echo "Install it (https://docs.kubewarden.io/reference/kwctl-cli) or use policy.wasm, which has no metadata." >&2; exit 1; }
	kwctl annotate -m metadata.yml -u README.md -o $@.part policy.wasm
	mv $@.part $@

pss.cdx.json: Cargo.toml Cargo.lock cli/Cargo.toml | setup-rust $(CARGO_CYCLONEDX) ## generate the bill of materials of pss, for all platforms (CycloneDX)
	$(CARGO_CYCLONEDX) cyclonedx --target all --format json --spec-version 1.5 --override-filename $(basename $@)
	mv cli/$@ $@
	@find . -mindepth 2 -maxdepth 3 -name $@ -delete

policy.cdx.json: Cargo.toml Cargo.lock | setup-rust $(CARGO_CYCLONEDX) ## generate the bill of materials of the module (CycloneDX)
	$(CARGO_CYCLONEDX) cyclonedx --target wasm32-wasip1 --format json --spec-version 1.5 --override-filename $(basename $@)
	@find . -mindepth 2 -maxdepth 3 -name $@ -delete # cargo-cyclonedx also writes files for the tools and tests

.PHONY: artifacthub-pkg.yml
artifacthub-pkg.yml: ## generate the package for Artifact Hub from metadata.yml and questions-ui.yml (needs kwctl)
	scripts/artifacthub-pkg

##@ Check
.PHONY: test
test: setup-rust setup-bats policy.wasm host ## run all tests, including those of the module and of the page in a browser
	cargo test --workspace --locked
	$(MAKE) --no-print-directory test-playground
	$(MAKE) --no-print-directory test-server
	@if command -v kwctl >/dev/null; then \
	    $(MAKE) --no-print-directory e2e KWCTL=$(KWCTL_AND_HOST); \
	else \
	    $(MAKE) --no-print-directory e2e KWCTL=$(HOST); \
	    echo "SKIPPED: e2e.bats with the real kwctl, which is not installed; it passed with the host of this repository."; \
	fi

# Runs each case of e2e.bats with kwctl and with the test host, and compares their output.
KWCTL_AND_HOST := tests/server/kwctl-and-host.mjs

.PHONY: e2e
e2e: setup-bats ## run e2e.bats with kwctl if it is installed, else with the test host (or KWCTL=...)
	@$(MAKE) --no-print-directory $(E2E_POLICY) $(if $(findstring host,$(KWCTL)),host setup-node)
	@echo "e2e.bats with $(KWCTL) and $(E2E_POLICY):"
	HOST=$(HOST) KWCTL=$(KWCTL) POLICY=$(E2E_POLICY) bats e2e.bats

# Tests that need a missing program are skipped, and the list of these programs is printed at the end.
.PHONY: test-server
test-server: setup-node ## test the module with kwctl, a registry and policy-server, as far as they are on PATH
	@if ! command -v kwctl >/dev/null; then \
	    echo "SKIPPED: the tests in tests/server that need the module: kwctl is not installed, and only kwctl can annotate it."; \
	    node --test --test-reporter=spec tests/server/kwctl-and-host.test.mjs; \
	    exit; \
	fi; \
	$(MAKE) --no-print-directory annotated-policy.wasm; \
	if registry=$$(scripts/setup-registry && scripts/setup-registry find); then export DOCKER_REGISTRY=$$registry; fi; \
	node --test --test-reporter=spec tests/server/*.test.mjs; \
	for program in policy-server openssl "$${DOCKER_REGISTRY:-docker-registry}"; do \
	    command -v "$$program" >/dev/null || echo "SKIPPED: the tests in tests/server that need $$program, which is not installed."; \
	done

# The output can be inserted into a Markdown document.
.PHONY: load
load: setup-node annotated-policy.wasm benches/nothing.wasm host ## measure policy-server under load with 1, 8 and 64 connections, for SECONDS=60 each, and with large requests (needs kwctl, policy-server)
	@SECONDS=$(SECONDS) node tests/server/load.mjs benches/nothing.wasm $(HOST)

.PHONY: test-playground
test-playground: playground setup-browser ## run the tests of the page in Chromium (or CHROMIUM=...), and the most important ones in Firefox
	node --test $(TESTS_OF_PAGE)
	@$(MAKE) --no-print-directory test-firefox

.PHONY: test-firefox
test-firefox: playground ## run the most important tests of the page in Firefox (or FIREFOX=...), if it can be installed
	@if scripts/setup-firefox; then \
	    node --experimental-websocket --test playground/tests/firefox.mjs; \
	elif [ -n "$$FIREFOX" ]; then \
	    exit 1; \
	else \
	    echo "SKIPPED: playground/tests/firefox.mjs, the tests of the page in Firefox: Firefox is not installed."; \
	fi

.PHONY: screenshot
screenshot: playground setup-browser ## generate docs/playground.png, the screenshot in the README
	SCREENSHOT=1 node --test $(TESTS_OF_PAGE)

TESTS_OF_PAGE := playground/tests/page.test.mjs

# The fuzz targets are a workspace of their own. Clippy does not link, so libFuzzer is not needed.
.PHONY: lint
lint: setup-rust setup-wasm setup-wasm-page $(PAGE_MODULES) playground/node_modules/.package-lock.json lint-workflows ## check the format, run clippy for all targets with warnings as errors, check the types of the page and the workflows
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	CUSTOM_LIBFUZZER_PATH=nothing/libfuzzer.a cargo clippy --manifest-path fuzz/Cargo.toml --target-dir $(CARGO_TARGET_DIR) --all-targets --locked -- -D warnings
	scripts/wasm-cargo clippy wasm32-wasip1 --locked
	scripts/wasm-cargo clippy wasm32-unknown-unknown --locked --no-default-features --features bindings
	scripts/wasm-cargo clippy wasm32-unknown-unknown:pss-playground-engine --locked
	scripts/wasm-cargo clippy wasm32-unknown-unknown:pss-playground-migrate --locked
	cd playground && node_modules/.bin/tsc --noEmit

# The tests fail if the document is out of date.
.PHONY: docs
docs: xtask ## generate docs/checks.md, the reference page of the checks
	@$(XTASK) docs docs/checks.md

# The tests fail if the table is out of date.
.PHONY: fields
fields: xtask ## generate the table of the fields of Kubernetes' types, for unknown fields in manifests
	@$(XTASK) fields crates/review/src/fields

.PHONY: lint-workflows
lint-workflows: ## check .github/workflows and action.yml for security issues with zizmor (needs Python's pip)
	@if python3 -m pip --version >/dev/null 2>&1; then \
	    $(MAKE) --no-print-directory --silent $(ZIZMOR) && $(ZIZMOR) --offline --quiet --persona pedantic .github/workflows action.yml; \
	else \
	    echo "SKIPPED: .github/workflows and action.yml were not checked: zizmor is installed with Python's pip, which is not installed."; \
	fi

.PHONY: deny
deny: setup-rust $(CARGO_DENY) ## check the licences and sources of all dependencies with cargo-deny
	$(CARGO_DENY) --workspace --locked check licenses bans sources
	$(CARGO_DENY) --manifest-path fuzz/Cargo.toml --config deny.toml --locked check $(UNUSED_EXCEPTIONS:%=--allow %) licenses bans sources

# deny.toml allows more than the fuzz targets need.
UNUSED_EXCEPTIONS := license-not-encountered license-exception-not-encountered unmatched-skip unmatched-skip-root

# Property tests use the same samples for each mutant, so that none is noticed by chance.
.PHONY: mutants
mutants: setup-rust ## check with cargo-mutants that tests notice changes of crates/core, for hours (or MUTANTS='--re crates/core/src/...')
	@command -v cargo-mutants >/dev/null || cargo install cargo-mutants --locked
	PROPTEST_RNG_SEED=5 PROPTEST_CASES=64 cargo mutants --package pss-core $(MUTANTS)

# The time for each fuzz target, in seconds.
SECONDS ?= 60

.PHONY: fuzz
fuzz: setup-rust ## run each fuzz target for a minute (or SECONDS=..., TARGETS=...), and fail if one has a finding
	scripts/fuzz $(SECONDS) $(TARGETS)

.PHONY: fuzz-minimise
fuzz-minimise: setup-rust ## reduce fuzz/corpus to the inputs that the coverage needs (or TARGETS=...)
	scripts/fuzz minimise $(TARGETS)

.PHONY: bench
bench: setup-rust ## measure the native core and the module, and fail if the module exceeds a limit
	cargo bench --locked -p pod-security-standards --profile measure
	@$(MAKE) --no-print-directory bench-module

# The limits of the cost of a request, as multiples of the cost of other policies in the same run: other load on the machine
# affects all of them. BENCHMARKS.md explains the figures.
BUDGETS := --at-most 'instance 1.2 nothing.wasm' --at-most 'call 2 nothing.wasm' --at-most 'call 0.2 reference.wasm'
BENCH_POLICIES := policy.wasm benches/nothing.wasm benches/reference.wasm
# The numbers of containers and of exemption rules for which the growth of the cost is measured.
GROWTH := 1 10 100 1000
comma := ,
BENCH_DIRECTORY := $(CARGO_TARGET_DIR)/bench
MEASURE_GROWTH = $(HOST_TO_MEASURE) growth policy.wasm --numbers $(subst $() ,$(comma),$(GROWTH))

# All measurements run, even if one exceeds its limit.
.PHONY: bench-module
bench-module: $(BENCH_POLICIES) | setup-rust ## measure the module only: its limits, and the growth of its cost
	cargo build --locked -p pss-host --profile measure
	@mkdir -p $(BENCH_DIRECTORY)
	@scripts/pods 300 > $(BENCH_DIRECTORY)/pods-300.jsonl
	@for number in $(GROWTH); do \
	    scripts/pods 1 $$number > $(BENCH_DIRECTORY)/containers-$$number.json; \
	    scripts/pods 1 $$number privileged > $(BENCH_DIRECTORY)/privileged-containers-$$number.json; \
	    scripts/rules $$number > $(BENCH_DIRECTORY)/rules-$$number.json; \
	done
	@exceeded=; restricted=(--settings-json '{"level":"restricted"}'); \
	$(HOST_TO_MEASURE) bench $(BENCH_POLICIES) -r $(BENCH_DIRECTORY)/pods-300.jsonl -n 6000 "$${restricted[@]}" $(BUDGETS) || exceeded=yes; \
	for pod in accepted rejected; do \
	    echo; $(HOST_TO_MEASURE) bench $(BENCH_POLICIES) -r tests/data/$$pod-pod.json "$${restricted[@]}" || exceeded=yes; \
	done; \
	for containers in containers privileged-containers; do \
	    echo; $(MEASURE_GROWTH) --of $$containers -r $(BENCH_DIRECTORY)/$$containers-{}.json "$${restricted[@]}" || exceeded=yes; \
	done; \
	for pod in accepted rejected; do \
	    echo; $(MEASURE_GROWTH) --of 'exemption rules' -r tests/data/$$pod-pod.json -s $(BENCH_DIRECTORY)/rules-{}.json || exceeded=yes; \
	done; \
	[ -z "$$exceeded" ] || { echo "make $@: a measurement above exceeds its limit, or failed." >&2; exit 1; }

.PHONY: bench-warm
bench-warm: policy.wasm | setup-rust ## measure calls of an instance that has answered before, of the module (and of BASE=module) and of the native code, for pods that violate checks
	@mkdir -p $(BENCH_DIRECTORY)
	@scripts/pods 300 violating > $(BENCH_DIRECTORY)/violating-300.jsonl
	cargo bench --locked -p pss-host --bench warm --profile measure -- $(abspath $(BENCH_DIRECTORY)/violating-300.jsonl policy.wasm $(BASE))

.PHONY: bench-cli
bench-cli: pss $(CHECKOV) ## measure pss: the reading of texts, `pss check` on 10,000 manifests, the same with checkov (needs Python's pip), and `pss migrate psp`
	cargo bench --locked -p pss-review --profile measure --bench text
	@scripts/bench-cli $(PSS) env PYTHONPATH=$(CHECKOV:%/bin/checkov=%) python3 -m checkov.main
	@scripts/bench-migrate $(PSS)

# The page before its speed was measured in this way.
BASE_COMMIT := 0c016c6
BASE_WORKTREE := $(CARGO_TARGET_DIR)/bench/page-$(BASE_COMMIT)

.PHONY: bench-page
bench-page: playground setup-browser ## compare the speed of the page with that of an earlier commit (or BASE=directory of a built page), and fail if a ratio exceeds its limit
	@[ -n "$(BASE)" ] || [ -f $(BASE_WORKTREE)/playground/dist/index.html ] || { \
	    git worktree add --force --detach $(BASE_WORKTREE) $(BASE_COMMIT) && \
	    $(MAKE) --no-print-directory -C $(BASE_WORKTREE) playground; }
	@CHROMIUM=$(CHROMIUM) node playground/tests/benchmark.mjs $(or $(BASE),$(BASE_WORKTREE)/playground/dist)

.PHONY: bench-instance
bench-instance: setup-rust xtask ## measure the cost of an instance, by properties of the module
	cargo build --locked -p pss-host --profile measure
	@scripts/instance-costs $(XTASK) $(HOST_TO_MEASURE) $(BENCH_DIRECTORY)/instances

benches/nothing.wasm: benches/nothing/nothing.wat | xtask ## build the minimal policy, for benchmarks
	$(XTASK) assemble $< $@

benches/reference.wasm: Cargo.toml Cargo.lock scripts/wasm-ordinary $(shell find benches/reference -type f) | setup-wasm ## build the typical policy, for benchmarks
	scripts/wasm-ordinary $@

# The module with function names, from which the crate of each function is derived. It keeps its indirect calls: with
# direct calls wasm-opt would inline each function that has one caller, into the code of another crate.
MODULE_WITH_NAMES := $(CARGO_TARGET_DIR)/with-names/policy.wasm

$(MODULE_WITH_NAMES): $(SOURCES) optimizer/node_modules/.package-lock.json | setup-wasm xtask
	CARGO_PROFILE_RELEASE_STRIP=none CARGO_TARGET_DIR=$(@D) scripts/wasm-cargo build wasm32-wasip1 $@.part --locked
	$(XTASK) preinit $@.part -o $@.part
	$(call optimized,$@,--debuginfo)

.PHONY: size
size: policy.wasm $(MODULE_WITH_NAMES) xtask ## print the size of the module and its parts, and fail if it is larger than 330 KiB
	@$(XTASK) size policy.wasm --names $(MODULE_WITH_NAMES) --functions 15 --at-most 337920

##@ Maintain
.PHONY: fmt
fmt: setup-rust ## format the code
	cargo fmt --all

.PHONY: setup
setup: setup-rust setup-wasm setup-wasm-page setup-bats setup-node setup-browser setup-firefox setup-registry ## install the tools that the other targets need

.PHONY: clean
clean: ## remove all build outputs
	cargo clean
	rm -f benches/*.wasm benches/*.wasm.part policy.cdx.json pss.cdx.json policy.wasm policy.wasm.part plain-policy.wasm plain-policy.wasm.part annotated-policy.wasm annotated-policy.wasm.part playground.wasm playground.wasm.part playground-engine.wasm playground-engine.wasm.part playground-migrate.wasm playground-migrate.wasm.part
	rm -rf playground/core/pkg playground/engine/pkg playground/migrate/pkg playground/dist playground/node_modules optimizer/node_modules

.PHONY: help
help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } \
	    /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z][a-z0-9.-]*:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The test host. cargo rebuilds it if its sources changed.
.PHONY: host
host: setup-rust
	cargo build --locked -p pss-host

# Built from source, which takes minutes. The directory has the version in its name.
$(CARGO_DENY) $(CARGO_CYCLONEDX): | setup-rust
	cargo install --locked --root $(@D)/.. $(notdir $(patsubst %/bin/$(@F),%,$@))

$(ZIZMOR) $(CHECKOV):
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

# Without it, the tests in Firefox are skipped.
.PHONY: setup-firefox
setup-firefox:
	@scripts/setup-firefox || true
