import { jpegQualitySchema } from '@camplane/contracts/jpeg-stream';
import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import { CamplaneError } from '@camplane/contracts/problem';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import { createCameraStream } from './camera-stream.ts';
import type { CameraStream, CameraStreamDependencies, StreamListener } from './camera-stream.ts';
import { acquire, expire, nextExpiryMs, release } from './stream-slots.ts';
import type { Slots, SlotStep } from './stream-slots.ts';
import type { StreamState } from './stream-state.ts';

export type StreamId = { cameraId: string; quality: JpegQuality };

/** A client's use of a stream, until `release`. */
export type StreamLease = StreamId & {
  latest(): JpegFrame | null;
  state(): StreamState;
  /** Idempotent. */
  release(): void;
};

/** The running streams of all clients. */
export type StreamPool = {
  /**
   * Joins a stream, and starts it for its first client.
   *
   * @throws CamplaneError `stream-limit` if as many streams run as may and each has a client
   */
  open(id: StreamId, listener: StreamListener): StreamLease;
  /** Whether a stream has exactly one client. */
  isAlone(id: StreamId): boolean;
  /** The largest frame of a camera's running streams that is at most a second older than the newest; null without any. */
  latest(cameraId: string): JpegFrame | null;
  statusChanged(cameraId: string): void;
  /** Stops every stream. Resolves when the processes have ended. */
  stop(): Promise<void>;
};

export const retryAfterSeconds = 10;

export function createStreamPool(
  options: { streamsMax: number },
  dependencies: CameraStreamDependencies,
): StreamPool {
  const { clock, metrics } = dependencies;
  const streams = new Map<string, StreamId & { stream: CameraStream }>();
  const stopping = new Set<Promise<void>>();
  let slots: Slots = new Map();
  let cancelTimer = () => {};

  function perform(step: SlotStep): void {
    slots = step.slots;
    for (const { type, key } of step.effects) {
      if (type === 'start') start(key);
      else end(key);
    }
    metrics.active.set(streams.size);
    cancelTimer();
    const expiryMs = nextExpiryMs(slots);
    cancelTimer =
      expiryMs === null
        ? () => {}
        : clock.setTimer(Math.max(0, expiryMs - clock.now()), () => perform(expire(slots, clock.now())));
  }

  function start(key: string): void {
    const [cameraId = '', quality] = key.split('/');
    const id = { cameraId, quality: jpegQualitySchema.parse(quality) };
    streams.set(key, { ...id, stream: createCameraStream(id, dependencies) });
  }

  function end(key: string): void {
    const ended = streams.get(key)?.stream.stop();
    streams.delete(key);
    if (!ended) return;
    stopping.add(ended);
    void ended.finally(() => stopping.delete(ended));
  }

  return {
    open(id, listener) {
      const key = keyOf(id);
      const step = acquire(slots, key, options.streamsMax);
      if (!step) throw limitReached(options.streamsMax);
      perform(step);
      const entry = streams.get(key);
      if (!entry) throw new Error(`the stream ${key} did not start`);
      const { stream } = entry;
      stream.add(listener);
      let isHeld = true;
      return {
        ...id,
        latest: () => stream.latest(),
        state: () => stream.state(),
        release() {
          if (!isHeld) return;
          isHeld = false;
          stream.remove(listener);
          perform(release(slots, key, clock.now()));
        },
      };
    },
    isAlone: (id) => slots.get(keyOf(id))?.clients === 1,
    latest(cameraId) {
      const frames = [...streams.values()].flatMap((entry) => {
        const frame = entry.cameraId === cameraId ? entry.stream.latest() : null;
        return frame ? [frame] : [];
      });
      const newestMs = Math.max(...frames.map(({ capturedAt }) => capturedAt));
      const current = frames.filter(({ capturedAt }) => newestMs - capturedAt <= 1000);
      return current.sort((a, b) => b.width - a.width)[0] ?? null;
    },
    statusChanged(cameraId) {
      for (const entry of streams.values()) if (entry.cameraId === cameraId) entry.stream.statusChanged();
    },
    async stop() {
      cancelTimer();
      for (const key of [...streams.keys()]) end(key);
      slots = new Map();
      await Promise.all(stopping);
    },
  };
}

function keyOf({ cameraId, quality }: StreamId): string {
  return `${cameraId}/${quality}`;
}

function limitReached(streamsMax: number): CamplaneError {
  return new CamplaneError(
    'stream-limit',
    `${streamsMax} JPEG streams run, and each has viewers: close one, choose a quality that has viewers, ` +
      'or raise STREAM_MAX_CONCURRENT',
    { retryAfterSeconds },
  );
}
