import { isIPv6 } from 'node:net';
import type { Pod } from '../decide/pod.ts';

/** A pod's URL; null before it has an address. */
export function podUrl(pod: Pod, port: number): string | null {
  const address = pod.status?.podIP;
  if (address === undefined || address === '') return null;
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
