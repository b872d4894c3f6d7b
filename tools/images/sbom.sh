#!/usr/bin/env bash
# Writes .tools/sbom/SERVICE.cdx.json: what npm packages an image holds, as CycloneDX, from the lockfile by pnpm itself.
# It may name more than the bundle holds (what a package needs on another path), never less: the last step compares.
# Debian's packages are not in it: they differ with the day of the build, and scanners read them from the image.
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
