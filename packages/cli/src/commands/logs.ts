import type { Command } from '../command.ts';
import { findCamera } from '../find-camera.ts';
import { podsOf } from '../pod-view.ts';
import { CommandError, UsageError } from '../command-errors.ts';
import { errorOfResponse } from '@camplane/kubernetes/kubernetes-status';
import { queryOf } from '@camplane/kubernetes/resource-path';
import { text } from 'node:stream/consumers';

const tailMax = 100_000;

export const logsCommand: Command = {
  name: 'logs',
  usage: 'logs ID',
  summary: 'Show the log of a camera’s pod',
  details: [
    '  -c, --container NAME   camera-service (default) or mediamtx',
    '  -f, --follow           keep printing new lines',
    '  -p, --previous         log before the container’s last restart',
    '      --tail LINES       number of lines from the end (default: 100)',
  ],
  options: {
    container: { type: 'string', short: 'c' },
    follow: { type: 'boolean', short: 'f' },
    previous: { type: 'boolean', short: 'p' },
    tail: { type: 'string' },
  },
  positionals: { min: 1, max: 1 },
  json: false,
  run: async ({ cluster, positionals, options, output, signal }) => {
    const id = positionals[0] ?? '';
    const tailLines = tailOf(options['tail']);
    const camera = await findCamera(cluster, id, signal);
    const [pod] = await podsOf(cluster, id, signal);
    if (!pod) {
      throw new CommandError(
        camera.enabled
          ? `camera ${id} has no pod, see camplane describe ${id}`
          : `camera ${id} has no pod, because it is disabled (spec.enabled)`,
      );
    }
    const container = typeof options['container'] === 'string' ? options['container'] : 'camera-service';
    if (!pod.containers.includes(container)) {
      throw new UsageError(
        `pod ${pod.name} has no container '${container}', only ${pod.containers.join(' and ')}`,
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
  if (!(lines <= tailMax)) throw new UsageError(`--tail must be a number of lines from 0 to ${tailMax}`);
  return lines;
}

function jsonOr(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
