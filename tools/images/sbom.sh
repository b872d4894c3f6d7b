#!/usr/bin/env bash
# Writes the npm packages of each image to .tools/sbom/SERVICE.cdx.json (CycloneDX), from the lockfile.
# The list may contain packages that the bundle does not; the last step fails if it lacks one that the bundle does.
# Debian packages are not listed: they depend on the day of the build, and scanners read them from the image.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=.tools/sbom
mkdir -p "$folder"
for main in services/*/src/main.ts; do
  service=$(basename "$(dirname "$(dirname "$main")")")
  filters=(--filter "@camplane/$service")
  case $service in control-api | standalone) filters+=(--filter @camplane/dashboard) ;; esac
  pnpm --silent sbom "${filters[@]}" --prod --sbom-format cyclonedx --sbom-type application --out "$folder/$service.cdx.json" >/dev/null
  node tools/images/src/compare-sbom.ts "$folder/$service.cdx.json" ".tools/bundles/$service/THIRD-PARTY-LICENSES.txt"
done
