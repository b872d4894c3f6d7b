import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `open`: accepted; `refused`: nothing listens; `filtered`: no response. */
export type Reached = 'open' | 'refused' | 'filtered';

/** The test's own network, or that of the pod with this process. */
export type Origin = 'host' | { pid: number };

const patienceMs = 1500;

/** Runs in the network of a pod, so it uses only Node.js. The last argument holds the targets. */
const connectAll = `
const { connect } = require('node:net');
const attempt = (target) => new Promise((resolve) => {
  const at = target.lastIndexOf(':');
  const socket = connect({ host: target.slice(0, at), port: Number(target.slice(at + 1)) });
  const end = (reached) => { socket.destroy(); resolve([target, reached]); };
  socket.setTimeout(${patienceMs}, () => end('filtered'));
  socket.on('connect', () => end('open'));
  socket.on('error', ({ code }) => end(code === 'ECONNREFUSED' ? 'refused' : 'filtered'));
});
Promise.all(JSON.parse(process.argv[1]).map(attempt)).then((all) => console.log(JSON.stringify(all)));
`;

/** Opens TCP connections to all targets (`ADDRESS:PORT`) at once. */
export async function connectFrom(
  origin: Origin,
  targets: readonly string[],
): Promise<ReadonlyMap<string, Reached>> {
  const program = [process.execPath, '--eval', connectAll, JSON.stringify(targets)];
  const enter = origin === 'host' ? [] : ['nsenter', '--target', String(origin.pid), '--net', '--'];
  const [command = '', ...args] = [...enter, ...program];
  const { stdout } = await run(command, args, { timeout: 60_000 });
  return new Map(JSON.parse(stdout) as [string, Reached][]);
}

/** TCP ports on which processes in the pod of this process listen, without those on loopback. */
export async function listeningPorts(pid: number): Promise<number[]> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')),
  );
  const ports = tables.flatMap((table) =>
    table.split('\n').flatMap((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      return state === listenState && !isLoopback(address) ? [Number.parseInt(port, 16)] : [];
    }),
  );
  return [...new Set(ports)].toSorted((a, b) => a - b);
}

/** TCP_LISTEN in /proc/net/tcp. */
const listenState = '0A';

/** Addresses there are hexadecimal, each 32-bit word in the byte order of the machine. */
function isLoopback(address: string): boolean {
  return address.endsWith('7F') || address === '00000000000000000000000001000000';
}
