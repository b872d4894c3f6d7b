import { operationPath } from '@camplane/contracts/operations';
import { startCamplane, testAdministrator } from '@camplane/testkit/camplane';
import type { Camplane } from '@camplane/testkit/camplane';
import { freePorts } from '@camplane/testkit/free-port';
import { pauseProcess } from '@camplane/testkit/processes';
import type { SignedIn } from '@camplane/testkit/sign-in';
import type { BenchResult, BenchRow } from './bench-result.ts';
import { percentile } from './percentile.ts';
import { compareLoads, steadyLoadSeconds } from './steady-load.ts';
import type { Load } from './steady-load.ts';

const perSecond = 200;
const camerasMax = 20;
const targetMs = 5;
const apiCostMax = 1.05;

/**
 * P15: MediaMTX's auth hook at 200 requests per second: stream tickets, API tokens over RTSP and refusals, while 20 cameras
 * are registered; then while the database does not respond. The control is a path of the same server that answers without
 * a decision. An API request is compared with the same one of a Camplane without access control.
 */
export async function measureMediaHook(): Promise<BenchResult> {
  const [port = 0] = await freePorts(1);
  const camplane = await startCamplane({ access: 'on', environment: { CAMERA_SERVICE_PORT: String(port) } });
  const open = await startCamplane();
  try {
    for (const each of [camplane, open]) await createCameras(each);
    const administrator = await camplane.signIn();
    const token = await administrator.createToken();
    const url = (path: string) => `http://127.0.0.1:${port}${path}`;
    const hook = async (): Promise<Load> => ({
      url: url('/mediamtx/auth'),
      bodies: await requestsOf(administrator, token),
      statuses: [204, 401],
    });
    const health: Load = { url: url('/healthz'), statuses: [200] };
    const api = ({ url }: Camplane, headers = {}): Load => ({
      url: `${url}${operationPath('readStatus', { id: 'camera-0' })}`,
      headers,
      statuses: [200],
    });
    const rows = hookRows('', await compareLoads(await hook(), health, perSecond));
    const apiTimes = await compareLoads(
      api(camplane, { authorization: `Bearer ${token}` }),
      api(open),
      perSecond,
    );
    const last = await hook();
    await pauseDatabase(camplane);
    rows.push(...hookRows(', database paused', await compareLoads(last, health, perSecond)));
    return {
      id: 'P15',
      title: `auth hook of MediaMTX and API, ${perSecond} requests per second`,
      rows: [...rows, apiRow(apiTimes)],
      notes: [
        `a third each: tickets, API tokens, refusals; a new connection for each request; ${steadyLoadSeconds} s`,
        'control of the hook: /healthz of the same process, in turns of two seconds',
        'control of the API: the same request with CAMPLANE_AUTH=none',
      ],
    };
  } finally {
    await resumeDatabase(camplane);
    await Promise.all([camplane.dispose(), open.dispose()]);
  }
}

type Times = Awaited<ReturnType<typeof compareLoads>>;

function hookRows(what: string, { ours, control }: Times): BenchRow[] {
  const p99 = percentile(ours, 0.99);
  return [
    { name: `p50${what}`, ...compared(percentile(ours, 0.5), percentile(control, 0.5)) },
    {
      name: `p99${what}`,
      ...compared(p99, percentile(control, 0.99)),
      ...{ target: `≤ ${targetMs} ms`, met: p99 <= targetMs },
    },
  ];
}

function apiRow({ ours, control }: Times): BenchRow {
  const row = compared(percentile(ours, 0.5), percentile(control, 0.5));
  return { name: 'API request, p50', ...row, target: `≤ ${apiCostMax} ×`, met: row.ratio <= apiCostMax };
}

function compared(value: number, control: number) {
  return { value, unit: 'ms', control, ratio: value / control };
}

async function createCameras(camplane: Camplane): Promise<void> {
  for (let index = 0; index < camerasMax; index += 1) {
    // Stopped: the load on the hook is measured, not that of video.
    await camplane.createCamera({ id: `camera-${index}`, source: { url: 'test:testsrc2' }, enabled: false });
  }
}

/** Tickets are new: they are valid for a minute. */
async function requestsOf(administrator: SignedIn, token: string): Promise<string[]> {
  const login = { user: testAdministrator.username, password: token, token, protocol: 'rtsp' };
  const bodies: string[] = [];
  for (let index = 0; index < camerasMax; index += 1) {
    const id = `camera-${index}`;
    const { ticket } = await administrator.client.createTicket({ id, body: { use: 'header' } });
    for (const presented of [{ token: ticket }, login, { token: `${ticket.slice(0, -4)}AAAA` }]) {
      bodies.push(
        JSON.stringify({
          ...{ user: '', password: '', ip: '127.0.0.1', action: 'read', path: id, protocol: 'webrtc' },
          ...{ id: crypto.randomUUID(), query: '', userAgent: 'bench', ...presented },
        }),
      );
    }
  }
  return bodies;
}

async function pauseDatabase(camplane: Camplane): Promise<void> {
  for (const pid of await databaseProcesses(camplane)) await pauseProcess(pid);
}

async function resumeDatabase(camplane: Camplane): Promise<void> {
  for (const pid of await databaseProcesses(camplane)) process.kill(pid, 'SIGCONT');
}

async function databaseProcesses(camplane: Camplane): Promise<number[]> {
  const processes = (await camplane.processes()).filter(({ command }) => /\bpostgres\b/.test(command));
  if (processes.length === 0) throw new Error('the database has no process');
  return processes.map(({ pid }) => pid);
}
