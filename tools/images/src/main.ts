import { chmod, readdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleService } from './bundle.ts';
import { bundledServices, commandLine } from './bundled-service.ts';

/**
 * `node tools/images/src/main.ts [SERVICE…]`: bundles services, by default all, into `.tools/bundles/SERVICE`.
 * The name `cli` bundles the command line as `camplane` and `kubectl-camplane`.
 */
const root = join(import.meta.dirname, '../../..');
const machine = { platform: process.platform, arch: process.arch };
const services = bundledServices(root);
const known = [...services, commandLine];
const requested = process.argv.slice(2);
const unknown = requested.filter((name) => !known.some((service) => service.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `unknown service ${unknown.join(', ')}: expected one of ${known.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(2);
}

for (const service of requested.length === 0 ? services : known) {
  if (requested.length > 0 && !requested.includes(service.name)) continue;
  const startedMs = performance.now();
  const bundle = await bundleService(service, {
    root,
    target: join(root, '.tools/bundles', service.name),
    machine,
  });
  if (service === commandLine) await makeProgram(bundle.folder);
  const sizeMb = (await sizeBytesOf(bundle.folder)) / 1e6;
  const codeMb = (await stat(join(bundle.folder, 'main.js'))).size / 1e6;
  const seconds = (performance.now() - startedMs) / 1000;
  process.stdout.write(
    `  ${service.name.padEnd(20)} ${sizeMb.toFixed(1).padStart(6)} MB, main.js ${codeMb.toFixed(1)} MB; ` +
      `${seconds.toFixed(1)} s; packages kept: ${bundle.kept.map(({ name }) => name).join(', ') || 'none'}\n`,
  );
}

/** Creates both names, because kubectl finds plugins by name. */
async function makeProgram(folder: string): Promise<void> {
  await chmod(join(folder, 'main.js'), 0o755);
  for (const name of ['camplane', 'kubectl-camplane']) await symlink('main.js', join(folder, name));
}

async function sizeBytesOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name))),
  );
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
