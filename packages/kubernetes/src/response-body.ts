import type { IncomingMessage } from 'node:http';
import { messageOf } from '@camplane/runtime/message-of';
import { KubernetesError } from './kubernetes-error.ts';

/**
 * Reads a response as text.
 *
 * @throws KubernetesError `not-understood` if it exceeds `maxBytes`, `unavailable` if the connection is lost
 */
export async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    const text = `connection to the cluster's API lost: ${messageOf(cause)}`;
    throw new KubernetesError('unavailable', text, { cause });
  }
  if (bytes > maxBytes) {
    throw new KubernetesError('not-understood', `a response of the cluster's API exceeds ${maxBytes} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The parsed JSON, or the text if it is not JSON, as from proxies and unknown paths. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
