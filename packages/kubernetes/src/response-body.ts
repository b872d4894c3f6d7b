import type { IncomingMessage } from 'node:http';
import { messageOf } from '@camplane/runtime/message-of';
import { KubernetesError } from './kubernetes-error.ts';

/**
 * The text of an answer.
 *
 * @throws KubernetesError `not-understood` where it is longer than `maxBytes`, `unavailable` where it breaks off
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
    const reason = messageOf(cause);
    throw new KubernetesError('unavailable', `an answer of the cluster's API broke off: ${reason}`, {
      cause,
    });
  }
  if (bytes > maxBytes) {
    throw new KubernetesError(
      'not-understood',
      `an answer of the cluster's API is longer than ${maxBytes} bytes`,
    );
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** JSON where it is JSON; else the text, as proxies and unknown paths answer. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
