import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@camplane/runtime/message-of';
import { operationPath } from '@camplane/contracts/operations';
import { mountImage } from './buildah-storage.ts';
import type { MountedImage } from './buildah-storage.ts';
import { bundledServices } from './bundled-service.ts';
import { startContainer } from './container.ts';
import type { Container } from './container.ts';

/**
 * `node tools/images/src/prove-images.ts STORAGE PREFIX TAG [SERVICE…]`: runs each image of a buildah storage as a strict
 * cluster would and sees that it answers, does its work, and stops. Ends with 1 when one does not.
 */

/** What an image is asked for once it is healthy: a script, run by its own Node.js, that exits 0 when it is so. */
type Proof = { what: string; script: string };

const proofs: Readonly<Record<string, readonly Proof[]>> = {
  'control-api': [
    {
      what: 'is ready, its database made',
      script: "fetch('http://127.0.0.1:8080/readyz').then(r => process.exit(r.ok ? 0 : 1))",
    },
    {
      what: 'shows the dashboard',
      script:
        "fetch('http://127.0.0.1:8080/', { headers: { accept: 'text/html' } }).then(r => r.text()).then(t => process.exit(t.includes('id=\"root\"') ? 0 : 1))",
    },
  ],
  'detection-service': [
    {
      what: 'looks at a picture, in its worker threads',
      script:
        "require('sharp')({ create: { width: 640, height: 360, channels: 3, background: '#808080' } }).jpeg().toBuffer().then(jpeg => { const form = new FormData(); form.append('image', new Blob([jpeg], { type: 'image/jpeg' }), 'a.jpg'); return fetch('http://127.0.0.1:9101/detect', { method: 'POST', body: form }) }).then(async r => { console.log(r.status, await r.text()); process.exit(r.ok ? 0 : 1) })",
    },
    { what: 'has the library for models', script: "require('onnxruntime-node').InferenceSession.create" },
  ],
  standalone: [
    {
      what: 'plays the demonstration camera, drawn on',
      script: `fetch('${demoUrl('readStatus')}').then(r => r.json()).then(s => { console.log(JSON.stringify(s)); process.exit(s.phase === 'RUNNING' ? 0 : 1) })`,
    },
    {
      what: 'gives a picture of it',
      script: `fetch('${demoUrl('readSnapshot')}').then(r => process.exit(r.ok && r.headers.get('content-type') === 'image/jpeg' ? 0 : 1))`,
    },
  ],
};

/** What no image may hold: package managers, their caches, tools for development. */
const unwanted = [
  'usr/local/lib/node_modules',
  'root/.npm',
  'root/.cache',
  'root/.local',
  'app/node_modules/.pnpm',
  'app/node_modules/esbuild',
  'app/node_modules/typescript',
];

const healthMaxMs = 60_000;
const proofMaxMs = 90_000;

const [storage, prefix, tag, ...wanted] = process.argv.slice(2);
if (storage === undefined || prefix === undefined || tag === undefined) {
  process.stderr.write('usage: node tools/images/src/prove-images.ts STORAGE PREFIX TAG [SERVICE…]\n');
  process.exit(2);
}

let failed = false;
for (const { name } of bundledServices(join(import.meta.dirname, '../../..'))) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const image = await mountImage(storage, `localhost/${prefix}/${name}:${tag}`);
  try {
    await proveImage(name, image);
  } catch (error) {
    failed = true;
    process.stdout.write(`  ${name}: FAILED: ${messageOf(error)}\n`);
  } finally {
    await image.remove();
  }
}
process.exit(failed ? 1 : 0);

async function proveImage(name: string, { configuration, folder }: MountedImage): Promise<void> {
  if (!/^[1-9]\d*:[1-9]\d*$/.test(configuration.user)) {
    throw new Error(`its user is '${configuration.user}', and must be a number other than 0`);
  }
  for (const path of unwanted) {
    if (await exists(join(folder, path))) throw new Error(`it holds ${path}`);
  }
  const native = await foreignLibraries(join(folder, 'app/node_modules'));
  if (native.length > 0) throw new Error(`it holds libraries of other platforms: ${native.join(', ')}`);

  const startedMs = performance.now();
  const container = await startContainer(configuration, folder, []);
  try {
    await until(container, healthMaxMs, 'its health check', () => container.run(configuration.healthCheck));
    const healthySeconds = (performance.now() - startedMs) / 1000;
    for (const { what, script } of proofs[name] ?? []) {
      await until(container, proofMaxMs, what, () => container.run(['node', '-e', script]));
    }
    const refused = await container.run(['sh', '-c', 'touch /app/x || touch /etc/x || touch /x']);
    if (refused.code === 0) throw new Error('its root is not read-only');
    const readOnly = /EROFS|EACCES|EPERM/.exec(container.output());
    if (readOnly) throw new Error(`it tried to write elsewhere: ${readOnly[0]}\n${container.output()}`);
    process.stdout.write(
      `  ${name.padEnd(20)} healthy after ${healthySeconds.toFixed(1)} s as ${configuration.user}, root read-only` +
        `${(proofs[name] ?? []).map(({ what }) => `; ${what}`).join('')}\n`,
    );
  } finally {
    const code = await container.stop();
    if (code !== 0) {
      failed = true;
      process.stdout.write(`  ${name}: ended with ${code}:\n${container.output().slice(-3000)}\n`);
    }
  }
}

async function until(
  container: Container,
  maxMs: number,
  what: string,
  look: () => Promise<{ code: number; output: string }>,
): Promise<void> {
  const deadline = performance.now() + maxMs;
  for (;;) {
    const { code, output } = await look();
    if (code === 0) return;
    if (!container.isRunning() || performance.now() > deadline) {
      throw new Error(`not seen: ${what}; ${output.slice(-500)}\n${container.output().slice(-4000)}`);
    }
    await delay(250);
  }
}

/** Native libraries whose path names another platform or processor than this machine's. */
async function foreignLibraries(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const others = ['win32', 'darwin', ...['x64', 'arm64'].filter((arch) => arch !== process.arch)];
  return entries.filter(
    (path) =>
      /\.(node|so|dylib|dll)(\.|$)/.test(path) &&
      others.some((other) => new RegExp(`[-/]${other}[-/]`).test(path)),
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function demoUrl(operation: 'readStatus' | 'readSnapshot'): string {
  return `http://127.0.0.1:8080${operationPath(operation, { id: 'demo' })}`;
}
