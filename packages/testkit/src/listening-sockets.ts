import { readFile, readdir, readlink } from 'node:fs/promises';
import { descendantsOf } from './processes.ts';

/** A socket that accepts connections (TCP) or datagrams (UDP). */
export type ListeningSocket = { protocol: 'tcp' | 'udp'; host: string; port: number; program: string };

/** What a process and its descendants listen on, from /proc (proc(5), /proc/net/tcp). */
export async function listeningSocketsOf(pid: number): Promise<ListeningSocket[]> {
  const family = [{ pid, command: 'camplane' }, ...(await descendantsOf(pid))];
  const programs = new Map<string, string>();
  for (const each of family) {
    for (const inode of await socketInodesOf(each.pid))
      programs.set(inode, each.command.split(' ', 1)[0] ?? '');
  }
  const tables = (['tcp', 'tcp6', 'udp', 'udp6'] as const).map(async (name) => {
    const table = await readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => '');
    return table
      .split('\n')
      .slice(1)
      .flatMap((line) => parseLine(line, name, programs));
  });
  return (await Promise.all(tables)).flat();
}

async function socketInodesOf(pid: number): Promise<string[]> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}

/** States of the kernel: 0A is LISTEN; an unconnected UDP socket is 07 without a remote address. */
function parseLine(
  line: string,
  table: 'tcp' | 'tcp6' | 'udp' | 'udp6',
  programs: ReadonlyMap<string, string>,
): ListeningSocket[] {
  const [, local = '', remote = '', state, , , , , , inode = ''] = line.trim().split(/\s+/);
  const program = programs.get(inode);
  const isTcp = table.startsWith('tcp');
  const isListening = isTcp ? state === '0A' : state === '07' && /^0+:0000$/.test(remote);
  if (program === undefined || !isListening) return [];
  const [address = '', port = '0'] = local.split(':');
  return [{ protocol: isTcp ? 'tcp' : 'udp', host: hostOf(address), port: parseInt(port, 16), program }];
}

/** Words of 32 bits in the byte order of the machine, which is little-endian on every supported one. */
function hostOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  for (let at = 0; at < bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex'));
  return isMapped
    ? bytes.subarray(12).join('.')
    : `[${bytes.toString('hex').replace(/(.{4})(?!$)/g, '$1:')}]`;
}
