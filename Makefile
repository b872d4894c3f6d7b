# Every command of the project: `make help` lists them. CI runs `make test`.
SHELL := bash
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.tools/bin:$(PATH)
# Stripped and compiled sources: without it each thread loads the type stripper, 11 MiB, and starts three times slower.
export NODE_COMPILE_CACHE ?= $(CURDIR)/.tools/compile-cache

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Set up what `make up` needs, without starting it
	@tools/setup.sh run

setup-host: ## Set up what the tests need, except Kubernetes
	@tools/setup.sh host

setup-test: ## Set up what the tests need
	@tools/setup.sh test

# Loopback port of the broker that `make up KAFKA=1` starts; its controller uses the next port.
KAFKA_PORT ?= 9092

up: setup ## Set up what is missing and run Camplane on this machine; KAFKA=1: with a Kafka broker
	@exec node $(if $(filter 1,$(KAFKA)),tools/kafka/with-kafka.ts --port $(KAFKA_PORT),.tools/bundles/standalone/main.js)

camera: setup ## Run a simulated RTSP camera; ARGS="--help" lists its options
	@node packages/camera-simulator/src/main.ts $(ARGS)

test: ## Set up what is missing and run every check and test; root
	@tools/test.sh

unit: ## Unit tests
	@tools/run-tests.sh unit

integration: ## Integration tests with real FFmpeg, MediaMTX, PostgreSQL, Kafka
	@tools/run-tests.sh integration

kubernetes: ## Integration tests with a real Kubernetes API server, node and helm
	@tools/run-tests.sh kubernetes

e2e-host: ## End-to-end tests on this machine: browsers, VLC, faults
	@tools/run-tests.sh e2e

e2e-cluster: ## End-to-end tests on a real Kubernetes node: images, helm, kustomize, faults; root
	@tools/run-tests.sh cluster

try-cluster: setup-test ## Start a Kubernetes node with Camplane's images, to follow the guide; root
	@node e2e/src/cluster/try.ts

e2e: setup-test e2e-host e2e-cluster ## Set up what is missing and run the end-to-end tests only

lint: ## Type check, linter, formatter
	@pnpm --silent lint

fmt: ## Format the code
	@pnpm --silent fmt

generate: ## Regenerate the committed reference pages
	@node tools/rules/src/generate.ts

bench: ## Run the benchmarks and their controls
	@tools/setup.sh bench
	@node bench/src/main.ts

bundles: setup ## Build one JavaScript bundle per service into .tools/bundles
	@node tools/images/src/main.ts

cli: setup ## Build the command line: .tools/bundles/cli/camplane and kubectl-camplane
	@node tools/images/src/main.ts cli

images: ## Build the images with docker, podman or buildah; IMAGE_PREFIX, IMAGE_TAG
	@tools/images/build-images.sh

images-test: setup ## Build and run every image on stand-in base images: root, buildah, debootstrap, runc; minutes
	@tools/images/test-images.sh

sbom: bundles ## Write CycloneDX lists of the npm packages in the images to .tools/sbom
	@tools/images/sbom.sh

clean: ## Remove everything that these targets created in this folder
	rm -rf node_modules services/*/node_modules packages/*/node_modules bench/node_modules tools/rules/node_modules .tools services/dashboard/dist

.PHONY: help setup setup-host setup-test up camera test unit integration kubernetes e2e-host e2e-cluster try-cluster e2e lint fmt generate bench bundles cli images images-test sbom clean
