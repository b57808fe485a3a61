# Parlor. `make run` and `make test` are all one needs to know; `make help`
# lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
# One failing part of the tests does not hide what the others would say.
MAKEFLAGS += --keep-going

WEB_SOURCES = $(shell find web/packages web/apps -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null) \
  $(wildcard web/*.json web/*.ts)

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: run
run: build ## Build everything and start it on ./data
	exec target/release/parlor dev --data ./data

.PHONY: build
build: web/dist/.built ## Leave the complete binary, web included, at target/release/parlor
	@scripts/need.sh rust
	cargo build --release --locked --package parlor

.PHONY: build-api
build-api: ## Build without Node: the API whole, a placeholder for the pages
	@scripts/need.sh rust
	cargo build --release --locked --package parlor

.PHONY: test
test: lint test-rust test-web test-clients test-browser ## Everything that must hold before a change lands
	@echo "all tests passed"

.PHONY: lint
lint: ## Format, clippy, generated files, sizes and edges
	@scripts/need.sh rust
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo xtask codegen --check
	cargo xtask tidy

.PHONY: test-rust
test-rust: web/dist/.built ## Rust tests: unit, simulation, HTTP, both databases
	@scripts/need.sh rust postgres
	cargo test --workspace --locked --no-fail-fast

.PHONY: test-web
test-web: web/dist/.built ## Types, lint, unit tests and bundle budgets of the browser side
	npm --prefix web run check
	npm --prefix web test
	web/node_modules/.bin/oxlint --config web/.oxlintrc.json --deny-warnings examples
	npm --prefix examples/word-game test

# The same build as the Rust tests': its binary is target/debug/parlor. A build
# of the package alone would compile half of the dependencies once more.
.PHONY: binary-for-tests
binary-for-tests: web/dist/.built
	@scripts/need.sh rust
	cargo test --workspace --locked --no-run --quiet

.PHONY: test-clients
test-clients: binary-for-tests ## REST clients we did not write, bad input and kill -9 against the binary
	@scripts/need.sh python
	tests/clients/run.sh

.PHONY: examples
examples: examples/plain/node_modules/.installed examples/react/dist/.built examples/word-game/node_modules/.installed ## Install and build the examples' pages

.PHONY: test-browser
test-browser: binary-for-tests examples ## daily-js, the call page and the examples in Chromium
	@scripts/need.sh chromium
	npm --prefix web run test:e2e -w e2e

.PHONY: bench
bench: build ## REST figures for docs/performance.md
	scripts/bench-rest.sh

.PHONY: bench-media
bench-media: build load-client ## Media figures for docs/performance.md, beside Janus and LIVEKIT_SERVER: under 10 minutes
	scripts/bench-media.sh

# The client's own speed is no figure of ours: without the link-time optimisation.
.PHONY: load-client
load-client:
	@scripts/need.sh rust
	cargo build --profile bench --locked --package parlor-load

.PHONY: bench-check
bench-check: ## Fail when a packet, an idle participant or a join costs a room 10 % more instructions
	scripts/bench-check.sh

.PHONY: bench-join
bench-join: build ## How long joining takes in Chromium, for docs/performance.md
	@scripts/need.sh chromium
	PARLOR_BIN=$(CURDIR)/target/release/parlor npm --prefix web run bench -w e2e

.PHONY: soak
soak: ## Four rooms of 25 with joins and leaves for SOAK_MINUTES (30): memory flat, nothing leaked
	cargo run --release --locked --package parlor-media --example soak

.PHONY: fuzz
fuzz: ## Every fuzz target for FUZZ_SECONDS (60) each; wants a nightly toolchain and cargo-fuzz
	scripts/fuzz.sh

SEEDS ?= 1000

.PHONY: nightly
nightly: test ## The long runs: every simulation under SEEDS seeds, every property at length, ten minutes of schemathesis
	PARLOR_SCHEMATHESIS_SECONDS=600 tests/clients/run.sh test_openapi
	PROPTEST_CASES=20000 cargo test --workspace --locked
	@for seed in $$(seq 1 $(SEEDS)); do \
	  PARLOR_SEED=$$seed cargo test --quiet --locked --package parlor-sfu --test sfu >target/nightly.log 2>&1 || \
	    { cat target/nightly.log; echo "failed with PARLOR_SEED=$$seed"; exit 1; }; \
	done

.PHONY: codegen
codegen: ## Write the generated reference pages and TypeScript anew
	cargo xtask codegen

.PHONY: clean
clean: ## Remove what was built (not ./data)
	rm -rf target web/dist web/node_modules examples/*/node_modules examples/*/dist

web/node_modules/.installed: web/package-lock.json
	@scripts/need.sh node
	npm --prefix web ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/.built: web/node_modules/.installed $(WEB_SOURCES)
	npm --prefix web run build
	@touch $@

examples/%/node_modules/.installed: examples/%/package-lock.json
	@scripts/need.sh node
	npm --prefix examples/$* ci --no-audit --no-fund --loglevel=error
	@touch $@

examples/react/dist/.built: examples/react/node_modules/.installed $(wildcard examples/react/*.* examples/react/src/*)
	npm --prefix examples/react run build
	@touch $@
