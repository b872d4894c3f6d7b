import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { operationPath } from '@camplane/contracts/operations';
import { messageOf } from '@camplane/runtime/message-of';
import { bundledServices } from './bundled-service.ts';

/**
 * `node tools/images/src/check-images.ts STORAGE PREFIX TAG [SERVICE…]`: runs each image of a buildah storage with Podman,
 * without privileges and on a read-only root, and checks that it becomes healthy, works and stops. Exits with 1 if one
 * does not.
 */

/** A script for the image's Node.js that exits with 0 on success. */
type Check = { what: string; script: string };

/** Resolves to the headers of the administrator, once for each container: logins are limited. */
const signedIn = `(async () => { const fs = require('fs'), file = '/tmp/cookie'; if (!fs.existsSync(file)) { const password = fs.readFileSync('/data/admin-password', 'utf8').trim(); const r = await fetch('http://127.0.0.1:8080${operationPath('createSession')}', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: 'admin', password }) }); fs.writeFileSync(file, r.headers.getSetCookie()[0].split(';')[0]) } return { cookie: fs.readFileSync(file, 'utf8') } })()`;

const checks: Readonly<Record<string, readonly Check[]>> = {
  'control-api': [
    {
      what: 'is ready',
      script: "fetch('http://127.0.0.1:8080/readyz').then(r => process.exit(r.ok ? 0 : 1))",
    },
    {
      what: 'serves the dashboard',
      script:
        "fetch('http://127.0.0.1:8080/', { headers: { accept: 'text/html' } }).then(r => r.text()).then(t => process.exit(t.includes('id=\"root\"') ? 0 : 1))",
    },
  ],
  'detection-service': [
    {
      what: 'processes an image in its worker threads',
      script:
        "require('sharp')({ create: { width: 640, height: 360, channels: 3, background: '#808080' } }).jpeg().toBuffer().then(jpeg => { const form = new FormData(); form.append('image', new Blob([jpeg], { type: 'image/jpeg' }), 'a.jpg'); return fetch('http://127.0.0.1:9101/detect', { method: 'POST', headers: { authorization: 'Bearer ' + process.env.DETECTION_SERVICE_TOKEN }, body: form }) }).then(async r => { console.log(r.status, await r.text()); process.exit(r.ok ? 0 : 1) })",
    },
    { what: 'loads ONNX Runtime', script: "require('onnxruntime-node').InferenceSession.create" },
  ],
  'stream-proxy': [
    {
      what: 'refuses a request without its secret',
      script: "fetch('http://127.0.0.1:8081/').then(r => process.exit(r.status === 401 ? 0 : 1))",
    },
    { what: 'has FFmpeg', script: "require('child_process').execFileSync('ffmpeg', ['-version'])" },
  ],
  standalone: [
    {
      what: 'runs the demonstration camera with its overlay',
      script: `${signedIn}.then(headers => fetch('${demoUrl('readStatus')}', { headers })).then(r => r.json()).then(s => { console.log(JSON.stringify(s)); process.exit(s.phase === 'RUNNING' ? 0 : 1) })`,
    },
    {
      what: 'serves a snapshot',
      script: `${signedIn}.then(headers => fetch('${demoUrl('readSnapshot')}', { headers })).then(r => process.exit(r.ok && r.headers.get('content-type') === 'image/jpeg' ? 0 : 1))`,
    },
  ],
};

/** Variables without which a service does not start. */
const variables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'stream-proxy': { STREAM_PROXY_SECRET: 's'.repeat(32) },
};

/** Package managers, their caches and development tools, which no image may contain. */
const forbiddenPaths = [
  'usr/local/lib/node_modules',
  'root/.npm',
  'root/.cache',
  'root/.local',
  'app/node_modules/.pnpm',
  'app/node_modules/esbuild',
  'app/node_modules/typescript',
];

const healthMaxMs = 60_000;
const checkMaxMs = 90_000;
const stopMaxSeconds = 10;

/** Podman's default limits exceed what root without CAP_SYS_RESOURCE may set. */
const limits = ['--ulimit', 'nofile=1024:4096', '--ulimit', 'nproc=4096:4096'];
const unprivileged = ['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', ...limits];

const [storage, prefix, tag, ...requested] = process.argv.slice(2);
if (storage === undefined || prefix === undefined || tag === undefined) {
  process.stderr.write('usage: node tools/images/src/check-images.ts STORAGE PREFIX TAG [SERVICE…]\n');
  process.exit(2);
}

let failed = false;
for (const { name } of bundledServices(join(import.meta.dirname, '../../..'))) {
  // camera-operator does not start without a cluster. The cluster tests cover its image.
  if (name === 'camera-operator') continue;
  if (requested.length > 0 && !requested.includes(name)) continue;
  try {
    await checkImage(name, `localhost/${prefix}/${name}:${tag}`);
  } catch (error) {
    failed = true;
    process.stdout.write(`  ${name}: FAILED: ${messageOf(error)}\n`);
  }
}
process.exit(failed ? 1 : 0);

/** `output` also contains standard error, on which Podman prints warnings. */
type Result = { code: number; stdout: string; output: string };

async function podman(...args: string[]): Promise<Result> {
  const options = ['--root', `${storage}/root`, '--runroot', `${storage}/run`, '--runtime', 'runc'];
  return promisify(execFile)('podman', [...options, ...args], { maxBuffer: 16 * 1024 * 1024 }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, output: `${stdout}${stderr}` }),
    (error: { code?: number; stdout?: string; stderr?: string }) => ({
      code: typeof error.code === 'number' ? error.code : 1,
      stdout: error.stdout ?? '',
      output: `${error.stdout ?? ''}${error.stderr ?? ''}`,
    }),
  );
}

async function checkImage(name: string, image: string): Promise<void> {
  const user = (await podman('image', 'inspect', '--format', '{{.Config.User}}', image)).stdout.trim();
  if (!/^[1-9]\d*:[1-9]\d*$/.test(user)) throw new Error(`its user is '${user}', not a number other than 0`);
  const found = await findForbidden(image);
  if (found !== '') throw new Error(`it contains ${found}`);

  const container = `camplane-check-${name}-${process.pid}`;
  const startedMs = performance.now();
  try {
    const started = await podman(
      ...[
        'run',
        '--detach',
        '--name',
        container,
        '--read-only',
        '--tmpfs',
        '/tmp',
        '--volume',
        `${container}:/data`,
      ],
      ...['--env', `DETECTION_SERVICE_TOKEN=${randomBytes(24).toString('hex')}`],
      ...Object.entries(variables[name] ?? {}).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
      ...[...unprivileged, '--network', 'none', image],
    );
    if (started.code !== 0) throw new Error(started.output);
    await until(container, healthMaxMs, 'is healthy', () => podman('healthcheck', 'run', container));
    const healthySeconds = (performance.now() - startedMs) / 1000;
    for (const { what, script } of checks[name] ?? []) {
      await until(container, checkMaxMs, what, () => podman('exec', container, 'node', '-e', script));
    }
    const written = await podman('exec', container, 'sh', '-c', 'touch /app/x || touch /etc/x || touch /x');
    if (written.code === 0) throw new Error('its root is not read-only');
    const { output } = await podman('logs', container);
    const refused = /EROFS|EACCES|EPERM/.exec(output);
    if (refused) throw new Error(`it tried to write outside /data and /tmp: ${refused[0]}\n${output}`);
    await podman('stop', '--time', String(stopMaxSeconds), container);
    const exit = (await podman('inspect', '--format', '{{.State.ExitCode}}', container)).stdout.trim();
    if (exit !== '0') throw new Error(`it exited with ${exit}:\n${output.slice(-3000)}`);
    process.stdout.write(
      `  ${name.padEnd(20)} healthy after ${healthySeconds.toFixed(1)} s as ${user}, root read-only` +
        `${(checks[name] ?? []).map(({ what }) => `; ${what}`).join('')}\n`,
    );
  } finally {
    await podman('rm', '--force', '--volumes', container);
    await podman('volume', 'rm', container);
  }
}

/** Paths that the image must not contain, native libraries of other platforms included, or ''. */
async function findForbidden(image: string): Promise<string> {
  const others = ['win32', 'darwin', ...['x64', 'arm64'].filter((arch) => arch !== process.arch)];
  const script = [
    `cd /; for path in ${forbiddenPaths.join(' ')}; do [ ! -e "$path" ] || echo "$path"; done`,
    `find app/node_modules -regextype egrep -regex '.*[-/](${others.join('|')})[-/].*\\.(node|so|dylib|dll)(\\..*)?' 2>/dev/null`,
    'true',
  ].join('; ');
  const args = ['run', '--rm', '--user', '0', '--network', 'none', '--entrypoint', 'sh'];
  const { code, stdout, output } = await podman(...args, ...unprivileged, image, '-c', script);
  if (code !== 0) throw new Error(output);
  return stdout.trim().replaceAll('\n', ', ');
}

async function until(
  container: string,
  maxMs: number,
  what: string,
  attempt: () => Promise<Result>,
): Promise<void> {
  const deadline = performance.now() + maxMs;
  for (;;) {
    const { code, output } = await attempt();
    if (code === 0) return;
    const { stdout: running } = await podman('inspect', '--format', '{{.State.Running}}', container);
    if (running.trim() !== 'true' || performance.now() > deadline) {
      const logs = await podman('logs', '--tail', '40', container);
      throw new Error(`failed check: ${what}; ${output.slice(-500)}\n${logs.output}`);
    }
    await delay(250);
  }
}

function demoUrl(operation: 'readStatus' | 'readSnapshot'): string {
  return `http://127.0.0.1:8080${operationPath(operation, { id: 'demo' })}`;
}
