import { serverEventSchema } from '@camplane/contracts/events';
import type { ServerEvent } from '@camplane/contracts/events';
import { onAbort } from '@camplane/runtime/abort';

const pingEveryMs = 15_000;
/** Without any message for this long the connection is dead, whatever TCP thinks: two pings went unanswered. */
const silenceMaxMs = 35_000;
const openTimeoutMs = 10_000;

export type EventSocketHandlers = { onOpen: () => void; onEvent: (event: ServerEvent) => void };

/**
 * One connection to `WS /api/v1/events`, from opening to its end. Never resolves otherwise than by `signal`;
 * every other ending throws, with a sentence for people.
 */
export async function runEventSocket(
  url: string,
  handlers: EventSocketHandlers,
  signal: AbortSignal,
): Promise<void> {
  const socket = new WebSocket(url);
  let heardAtMs = performance.now();
  let opened = false;
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  socket.onopen = () => {
    opened = true;
    heardAtMs = performance.now();
    handlers.onOpen();
  };
  socket.onmessage = ({ data }) => {
    heardAtMs = performance.now();
    const event = parseEvent(data);
    if (event) handlers.onEvent(event);
  };
  socket.onclose = ({ reason }) => {
    const what = opened ? 'The connection for live updates was closed' : 'Live updates cannot be reached';
    reject(new Error(reason === '' ? `${what}.` : `${what}: ${reason}.`));
  };
  const watch = setInterval(() => {
    const silentMs = performance.now() - heardAtMs;
    if (silentMs > (opened ? silenceMaxMs : openTimeoutMs)) reject(new Error('The server has gone silent.'));
  }, 1000);
  const ping = setInterval(() => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: 'ping' }));
  }, pingEveryMs);
  const removeListener = onAbort(signal, () => resolve(undefined));
  try {
    await promise;
  } finally {
    removeListener();
    clearInterval(watch);
    clearInterval(ping);
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

/** A message that is not understood is of a newer server: it is passed over, not fatal. */
function parseEvent(data: unknown): ServerEvent | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const parsed = serverEventSchema.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
