import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SimulatedCamera } from '@camplane/camera-simulator/simulated-camera';
import type { StoredDetection } from '@camplane/contracts/detection';
import { sdpExample, sdpFragmentExample } from '@camplane/contracts/examples/webrtc-examples';
import { startCamplane, testAdministrator } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { guideCommands, runGuideCommands } from '@camplane/testkit/guide-commands';
import { waitUntil } from '@camplane/testkit/wait-until';
import { startStreet } from './cameras.ts';

jest.setTimeout(120_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'camplane-guide-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('docs/guide/quickstart.md', () => {
  it('has commands that start Camplane', async () => {
    // Instead of a copy, this repository; make prints what it would run.
    const before = `
      git() { ln --symbolic --no-target-directory "$REPOSITORY" "\${!#}"; }
      make() { env | grep -E '^(HTTP|MEDIA|CAMPLANE_PUBLIC)_HOST=' || true; command make --dry-run "$@"; }
    `;
    const environment = { REPOSITORY: fileURLToPath(new URL('../../', import.meta.url)) };
    const outputs: string[] = [];
    for (const block of await guideCommands('quickstart.md')) {
      // The second block runs in the folder of the first.
      const entered = outputs.length === 0 ? before : `${before}\ncd camplane`;
      outputs.push(await runGuideCommands(block, { folder, before: entered, environment }));
    }
    const starts = expect.stringMatching(/^exec node \S+\/standalone\/main\.js$/m);
    expect(outputs).toEqual([starts, starts]);
    expect(outputs[1]).toContain('HTTP_HOST=0.0.0.0\n');
  });
});

describe('docs/guide/api.md', () => {
  const id = 'front-door';
  const credentials = { username: 'viewer', password: 'secret' };
  let camplane: Camplane;
  let street: SimulatedCamera;
  /** What earlier commands answered: the secret of the token, and the WHEP session. */
  const answered = { token: '', session: '', etag: '' };

  beforeAll(async () => {
    [camplane, street] = await Promise.all([startCamplane({ access: 'on' }), startStreet({ credentials })]);
    await writeFile(join(folder, 'offer.sdp'), sdpExample('recvonly'));
    await writeFile(join(folder, 'candidates.sdpfrag'), sdpFragmentExample);
  });
  afterAll(async () => {
    await camplane?.dispose();
    await street?.stop();
  });

  /** The camera of the examples is live, unless the block adds it. */
  async function prepare(block: string): Promise<void> {
    if (!block.includes(id)) return;
    if (block.includes(`"id": "${id}"`)) {
      await camplane.send('deleteCamera', { id });
    } else {
      // Answers 409 where it exists.
      await camplane.send('createCamera', { body: { id, source: { url: street.url, credentials } } });
      await camplane.waitForPhase(id, 'RUNNING', 40_000);
    }
  }

  async function filled(block: string): Promise<string> {
    const values: [example: string, value: () => string | Promise<string>][] = [
      ['http://127.0.0.1:8080', () => camplane.url],
      ['ws://127.0.0.1:8080', () => camplane.url.replace('http', 'ws')],
      ['rtsp://192.0.2.10:554/stream1', () => street.url],
      ['rtsp://192.0.2.10:554/stream2', () => street.url],
      ['PASSWORD', () => testAdministrator.password],
      ['cpl_…', () => answered.token],
      ['SESSION', () => answered.session],
      ['ETAG', () => answered.etag],
      ['TICKET', async () => (await camplane.client.createTicket({ id, body: { use: 'address' } })).ticket],
      ['"wq4Ck1q0mJ2o5yB8rXvT3A"', etagOfCamera],
      ['7c9e6679-7425-40de-944b-e07fc1f90ae7', async () => (await detectionWithImage()).id],
      ['2026-11-21-133651.123-1042.jpg', filenameOfImage],
    ];
    let text = block;
    for (const [example, value] of values) {
      if (text.includes(example)) text = text.replaceAll(example, await value());
    }
    expect(text).not.toContain('…');
    return text;
  }

  async function etagOfCamera(): Promise<string> {
    return (await camplane.send('readCamera', { id })).headers.get('etag') ?? '';
  }

  async function detectionWithImage(): Promise<StoredDetection> {
    const found = await waitUntil(
      async () => (await camplane.client.listDetections({ query: {} })).items.filter((one) => one.imagePath),
      (items) => items.length > 0,
      { what: 'a detection with an image', timeoutMs: 20_000 },
    );
    return found[0] as StoredDetection;
  }

  async function filenameOfImage(): Promise<string> {
    const { capturedAt } = await detectionWithImage();
    const { items } = await camplane.client.listStreamDetections({ id, query: {} });
    const { imagePath } = items.find(({ timestamp }) => timestamp === capturedAt) ?? {};
    return imagePath?.split('/').at(-1) ?? '';
  }

  const before = `
    curl() {
      local login=(); [ ! -f ~/.curlrc-camplane ] || login=(--config ~/.curlrc-camplane)
      command curl --fail-with-body --silent --show-error "\${login[@]}" "$@"
    }
    # A person ends it with Ctrl-C; here its input ends.
    wscat() { command wscat "$@" < <(sleep 1 2>/dev/null); }
    # Any player: other tests play with VLC.
    vlc() { command curl --silent "$1" | head -c 1000 | grep --text image/jpeg; }
  `;

  it('has commands that all work, in their order', async () => {
    const bin = fileURLToPath(new URL('../node_modules/.bin', import.meta.url));
    const environment = { PATH: `${bin}:${process.env['PATH']}` };
    const outputs: string[] = [];
    for (const block of await guideCommands('api.md')) {
      await prepare(block);
      const output = await runGuideCommands(await filled(block), { folder, before, environment });
      outputs.push(output);
      answered.token ||= /"secret":"(cpl_[^"]+)"/.exec(output)?.[1] ?? '';
      answered.session ||= /^location: \S+\/whep\/(\S+)/im.exec(output)?.[1] ?? '';
      if (answered.session) answered.etag ||= /^etag: (\S+)/im.exec(output)?.[1] ?? '';
    }
    const all = outputs.join('\n');
    for (const sign of ['"type":"stream:status"', '"type":"pong"', '"type":"info"', '"label":']) {
      expect(all).toContain(sign);
    }
    for (const picture of ['frame.jpg', 'now.jpg', 'small.jpg', 'found.jpg']) {
      expect((await readFile(join(folder, picture))).subarray(0, 2).toString('hex')).toBe('ffd8');
    }
    expect(
      (await readFile(join(folder, 'live.mjpeg'), 'latin1')).match(/image\/jpeg/g)?.length,
    ).toBeGreaterThan(3);
  });
});
