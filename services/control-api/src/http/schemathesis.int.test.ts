import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { permissionNameSchema } from '@camplane/contracts/access';
import { operations } from '@camplane/contracts/operations';
import { detectionsTopic } from '@camplane/contracts/topics';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startAccessSuite } from '../testing/access-suite.ts';
import type { AccessSuite } from '../testing/access-suite.ts';
import { entryOf, jpegOf, resultOf } from '../testing/result-of.ts';
import { eventually } from '../testing/running-api.ts';
import type { RunningApi } from '../testing/running-api.ts';

jest.setTimeout(400_000);

const settings = fileURLToPath(new URL('../../../../tools/schemathesis/', import.meta.url));
const program = fileURLToPath(new URL('../../../../.tools/bin/schemathesis', import.meta.url));
/** Fuzzing cases of each operation. More find more, in proportion to their time. */
const examples = process.env['SCHEMATHESIS_EXAMPLES'] ?? '10';

let suite: AccessSuite;
let api: RunningApi;

beforeAll(async () => {
  suite = await startAccessSuite();
  const unlimited = 1_000_000;
  api = await suite.start({
    limits: { writesPerMinute: unlimited, probesPerMinute: unlimited, loginsPerMinute: unlimited },
  });
});
afterAll(() => suite?.stop());

/** An API token of `admin` with every permission. */
async function createToken(): Promise<{ secret: string; ownIds: string[] }> {
  const permissions = permissionNameSchema.options;
  const token = { name: 'schemathesis', permissions, scope: { kind: 'all' } };
  const { body } = await api.call('POST', operations.createToken.path, token, await api.signIn());
  return { secret: body.secret, ownIds: [body.token.id, body.token.userId] };
}

/** A camera with a stored detection and its image, so that operations on detections find one. */
async function seed(headers: Record<string, string>): Promise<void> {
  const camera = { id: 'yard', enabled: false, source: { url: 'test:testsrc2' } };
  await api.call('POST', operations.createCamera.path, camera, headers);
  const detections = [entryOf({ id: '7c9e6679-7425-40de-944b-e07fc1f90ae7' })];
  const result = resultOf('yard', { detections, picture: jpegOf(1000).toString('base64') });
  await api.bus.publish(detectionsTopic, 'yard', result);
  await eventually(async () => {
    const { body } = await api.call('GET', operations.listDetections.path, undefined, headers);
    expect(body.items).toHaveLength(1);
  });
}

describe('the OpenAPI document', () => {
  it('describes what the API answers and refuses, as schemathesis sees it', async () => {
    const { secret, ownIds } = await createToken();
    const headers = { authorization: `Bearer ${secret}` };
    await seed(headers);
    const { stdout, stderr } = await promisify(execFile)(
      program,
      [
        ...['--config-file', `${settings}schemathesis.toml`],
        ...['run', `${api.url}${operations.readOpenApi.path}`],
        ...['--header', `Authorization: ${headers.authorization}`, '--max-examples', examples, '--no-color'],
        '--generation-deterministic',
      ],
      {
        cwd: suite.folder,
        env: {
          ...process.env,
          PYTHONPATH: settings,
          PYTHONDONTWRITEBYTECODE: '1',
          CAMPLANE_OWN_IDS: ownIds.join(),
        },
        maxBuffer: 64 * 1024 * 1024,
      },
    ).catch((error: { stdout: string; stderr: string }) => error);
    if (process.env['SCHEMATHESIS_PRINT']) console.log(stdout.replace(/(.{600}).*/g, '$1'));
    expect([stderr, /^=+ (FAILURES|ERRORS) =+$[^]*/m.exec(stdout)?.[0]]).toEqual(['', undefined]);
    expect(Number(/(\d+) generated/.exec(stdout)?.[1])).toBeGreaterThan(3000);
    expect(stdout.match(/✅ {2}(Examples|Coverage|Fuzzing|Stateful)/g)).toHaveLength(4);
    // The token was valid until the end.
    expect((await api.call('GET', operations.listUsers.path, undefined, headers)).status).toBe(200);
  });
});
