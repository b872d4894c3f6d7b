import type { Command } from '../command.ts';
import { findCamera } from '../find-camera.ts';
import { podsOf } from '../pod-view.ts';
import { CommandError, UsageError } from '../usage-error.ts';
import { errorOfResponse } from '@camplane/kubernetes/kubernetes-status';
import { queryOf } from '@camplane/kubernetes/resource-path';
import { text } from 'node:stream/consumers';

const tailMax = 100_000;

export const logsCommand: Command = {
  name: 'logs',
  usage: 'logs ID',
  summary: 'What a camera’s pod writes',
  details: [
    '  -c, --container NAME   camera-service, which is the default, or mediamtx',
    '  -f, --follow           go on with what is written from now',
    '  -p, --previous         of the container before its last restart',
    '      --tail LINES       how many lines back; by default 100',
  ],
  options: {
    container: { type: 'string', short: 'c' },
    follow: { type: 'boolean', short: 'f' },
    previous: { type: 'boolean', short: 'p' },
    tail: { type: 'string' },
  },
  words: { min: 1, max: 1 },
  json: false,
  run: async ({ cluster, words, options, output, signal }) => {
    const id = words[0] ?? '';
    const tailLines = tailOf(options['tail']);
    const camera = await findCamera(cluster, id, signal);
    const [pod] = await podsOf(cluster, id, signal);
    if (!pod) {
      throw new CommandError(
        camera.enabled
          ? `camera ${id} has no pod: camplane describe ${id} says why`
          : `camera ${id} has no pod: it is switched off (spec.enabled)`,
      );
    }
    const container = typeof options['container'] === 'string' ? options['container'] : 'camera-service';
    if (!pod.containers.includes(container)) {
      throw new UsageError(
        `pod ${pod.name} has no container '${container}': it has ${pod.containers.join(' and ')}`,
      );
    }
    const query = queryOf({
      container,
      tailLines,
      follow: options['follow'] === true,
      previous: options['previous'] === true,
    });
    const path = `/api/v1/namespaces/${cluster.namespace}/pods/${pod.name}/log${query}`;
    const response = await cluster.connection.send(
      { method: 'GET', path, accept: '*/*', isLong: true },
      signal,
    );
    const status = response.statusCode ?? 0;
    if (status >= 300) {
      const body = await text(response);
      throw errorOfResponse(`GET ${path}`, { status, body: jsonOr(body) });
    }
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) output.bytes(chunk);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return 0;
  },
};

function tailOf(value: string | boolean | undefined): number {
  if (value === undefined) return 100;
  const lines = typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : NaN;
  if (!(lines <= tailMax)) throw new UsageError(`--tail must be a number of lines, 0 to ${tailMax}`);
  return lines;
}

function jsonOr(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
