import { readFile } from 'node:fs/promises';

/** `node tools/images/src/compare-sbom.ts SBOM LICENSES`: fails if the bundle contains a package that the SBOM lacks. */
const [sbomFile = '', licensesFile = ''] = process.argv.slice(2);
const sbom = JSON.parse(await readFile(sbomFile, 'utf8')) as {
  components: { group?: string; name: string; version: string }[];
};
const licenses = await readFile(licensesFile, 'utf8');

const named = new Set(
  sbom.components.map(
    ({ group, name, version }) => `${group === undefined ? '' : `${group}/`}${name} ${version}`,
  ),
);
const bundled = [...licenses.matchAll(/^((?:@[^/\s]+\/)?[^/\s]+ \d+\.\d+\.\S+) \(/gm)].map(
  ([, both = '']) => both,
);
const missing = bundled.filter((both) => !named.has(both));
if (missing.length > 0 || bundled.length === 0) {
  process.stderr.write(`${sbomFile} lacks packages of the bundle: ${missing.join(', ')}\n`);
  process.exit(1);
}
process.stdout.write(
  `  ${sbomFile.padEnd(44)} ${named.size} packages, ${bundled.length} of them in the bundle\n`,
);
