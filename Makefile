# Premia. 'make run' and 'make test' are all a newcomer needs.

# Extra flags for every build; other flags build everything again.
SWIFT_FLAGS ?=
export SWIFT_FLAGS

RUN_ARGS ?=

.PHONY: run test test-journeys check build release contracts contracts-check deploy-check format lint tools clean

## Installs what is missing, builds, walks the demo and serves http://127.0.0.1:8080/
run: .make/system build
	$$(swift build $(SWIFT_FLAGS) --show-bin-path)/premia demo --port 8080 $(RUN_ARGS)

## Installs what is missing, builds and runs every test
test: .make/system .venv/.installed
	scripts/build-quietly --product premiaPackageTests
	swift build $(SWIFT_FLAGS) --product kafka-mock
	scripts/run-tests

## The journeys once more, with every context on PostgreSQL; JOURNEYS names some of them
JOURNEYS ?= EdgeTests
test-journeys: .make/system
	PREMIA_TEST_STORE=postgres swift test $(SWIFT_FLAGS) --skip-build --experimental-maximum-parallelization-width 4 \
	  --filter '$(JOURNEYS)'

## What CI runs: format, contracts, build, tests, the whole walk on real files with twenty kills; and on PostgreSQL a walk,
## two houses that are killed in turn, and the move there; and what deploy/ says
check: .make/system .venv/.installed lint contracts-check test build
	MEMBERS=200 scripts/walk
	KILLS=20 MEMBERS=40 MONTHS=2 scripts/kill-test
	STORAGE=postgres MEMBERS=40 MONTHS=3 scripts/walk
	KILLS=4 MEMBERS=40 MONTHS=2 scripts/copies-test
	MEMBERS=40 MONTHS=1 scripts/migrate-test
	scripts/deploy-check

build: .make/system
	scripts/build-quietly --product premia

## The optimised binary, for benches and for installing
release: .make/system
	swift build -c release --product premia

## The files of deploy/, each by the program that it is for
deploy-check: .make/system .venv/.installed
	scripts/deploy-check

contracts: .make/system
	scripts/contracts

contracts-check: .make/system
	scripts/contracts --check

format:
	swift format --in-place --parallel $$(scripts/our-swift-files)

## Form, and the walls between the rooms
lint:
	scripts/check-imports
	swift format lint --strict --parallel $$(scripts/our-swift-files)

## Python tools that tests check our files with, and servers that tests run on
.venv/.installed: scripts/requirements.txt scripts/servers.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --requirement scripts/requirements.txt
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement scripts/servers.txt
	touch $@

## Debian packages
.make/system: scripts/system-packages
	scripts/install-system-packages
	mkdir -p .make && touch $@

clean:
	rm -rf .build .venv .make .data
