import { serverEventSchema } from '@camplane/contracts/events';
import type { ServerEvent } from '@camplane/contracts/events';
import { onAbort } from '@camplane/runtime/abort';

const pingEveryMs = 15_000;
/** The connection is dead after this long without a message: two pings were unanswered. */
const silenceMaxMs = 35_000;
const openTimeoutMs = 10_000;

/** Close code of the server: the session has ended. */
const sessionEndedCode = 4401;

export type EventSocketHandlers = {
  onOpen: () => void;
  onEvent: (event: ServerEvent) => void;
  onSessionEnd?: () => void;
};

/**
 * One connection to `WS /api/v1/events`, until it ends. Resolves only when `signal` aborts; throws otherwise, with a
 * message for users.
 */
export async function runEventSocket(
  url: string,
  handlers: EventSocketHandlers,
  signal: AbortSignal,
): Promise<void> {
  const socket = new WebSocket(url);
  let lastMessageMs = performance.now();
  let opened = false;
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  socket.onopen = () => {
    opened = true;
    lastMessageMs = performance.now();
    handlers.onOpen();
  };
  socket.onmessage = ({ data }) => {
    lastMessageMs = performance.now();
    const event = parseEvent(data);
    if (event) handlers.onEvent(event);
  };
  socket.onclose = ({ code, reason }) => {
    if (code === sessionEndedCode) handlers.onSessionEnd?.();
    const what = opened ? 'The server closed the live connection' : 'Live updates are unreachable';
    reject(new Error(reason === '' ? `${what}.` : `${what}: ${reason}.`));
  };
  const watch = setInterval(() => {
    const silentMs = performance.now() - lastMessageMs;
    if (silentMs > (opened ? silenceMaxMs : openTimeoutMs))
      reject(new Error('The server stopped responding.'));
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

/** Ignores unknown messages, which a newer server may send. */
function parseEvent(data: unknown): ServerEvent | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const parsed = serverEventSchema.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
