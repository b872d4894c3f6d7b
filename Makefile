# The one command surface: `make help` lists it, CI calls the same targets.
SHELL := bash
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.tools/bin:$(PATH)

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Set up what `make up` needs, without starting it
	@tools/setup.sh run

setup-host: ## Set up what the tests need but for Kubernetes
	@tools/setup.sh host

setup-test: ## Set up what the tests need
	@tools/setup.sh test

# Of the broker of `make up KAFKA=1`, on loopback; the next one up is its controller's.
KAFKA_PORT ?= 9092

up: setup ## Set up what is missing and run Camplane on this machine; KAFKA=1: with a Kafka broker
	@exec node $(if $(filter 1,$(KAFKA)),tools/kafka/with-kafka.ts --port $(KAFKA_PORT),services/standalone/src/main.ts)

camera: setup ## A simulated RTSP camera to try with; ARGS="--help" lists what it can do
	@node packages/camera-simulator/src/main.ts $(ARGS)

test: setup-test lint unit integration kubernetes e2e-host e2e-cluster ## Set up what is missing and run every test

unit: ## Tests without outside programs
	@tools/run-tests.sh unit

integration: ## Tests of the parts with real FFmpeg, MediaMTX, PostgreSQL, Kafka
	@tools/run-tests.sh integration

kubernetes: ## Tests of the parts with a real Kubernetes API server, node and helm
	@tools/run-tests.sh kubernetes

e2e-host: ## Black-box tests of the whole on this machine: browsers, VLC, faults
	@tools/run-tests.sh e2e

e2e-cluster: ## Black-box tests on a real Kubernetes node: images, helm, kustomize, faults; root
	@tools/run-tests.sh cluster

try-cluster: setup-test ## A real Kubernetes node with Camplane's images, to try the guide on; root
	@node e2e/src/cluster/try.ts

e2e: setup-test e2e-host e2e-cluster ## Set up what is missing and run the black-box tests alone

lint: ## Type check, linter, formatter
	@pnpm --silent lint

fmt: ## Format the code
	@pnpm --silent fmt

generate: ## Regenerate the committed reference pages
	@node tools/rules/src/generate.ts

bench: ## Measure against the controls of bench/
	@tools/setup.sh bench
	@node bench/src/main.ts

bundles: setup ## One JavaScript bundle per service, in .tools/bundles
	@node tools/images/src/main.ts

cli: setup ## The command line: .tools/bundles/cli/camplane, and kubectl-camplane beside it
	@node tools/images/src/main.ts cli

images: ## Build the images with docker, podman or buildah; IMAGE_PREFIX, IMAGE_TAG
	@tools/images/build-images.sh

images-test: setup ## Build and run every image on stand-in base images: root, buildah, debootstrap, runc; minutes
	@tools/images/test-images.sh

sbom: bundles ## CycloneDX lists of what npm packages the images hold, in .tools/sbom
	@tools/images/sbom.sh

clean: ## Remove what the targets above made inside this folder
	rm -rf node_modules services/*/node_modules packages/*/node_modules bench/node_modules tools/rules/node_modules .tools services/dashboard/dist

.PHONY: help setup setup-host setup-test up camera test unit integration kubernetes e2e-host e2e-cluster try-cluster e2e lint fmt generate bench bundles cli images images-test sbom clean
