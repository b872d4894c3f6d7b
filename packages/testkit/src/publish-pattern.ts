import { setTimeout as delay } from 'node:timers/promises';
import { startChild } from '@camplane/supervisor/child-process';

const deadlineMs = 20_000;

/** Publishes a test pattern, by default to `stream1`, at an RTSP server. Resolves once its first packets are sent. */
export async function publishPattern(options: {
  port: number;
  size: string;
  path?: string;
  /** Frames per second, 10 by default; `1/3` for one in three seconds. */
  rate?: string;
  audio?: boolean;
  codecArguments?: readonly string[];
}): Promise<{ stop(): Promise<void> }> {
  const end = new AbortController();
  const isSending = Promise.withResolvers<void>();
  const child = startChild({
    name: 'publisher',
    command: 'ffmpeg',
    args: [
      ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-progress', 'pipe:1', '-stats_period', '0.1'],
      ...['-re', '-f', 'lavfi', '-i', `testsrc2=size=${options.size}:rate=${options.rate ?? '10'}`],
      ...(options.audio === true ? ['-f', 'lavfi', '-i', 'sine=sample_rate=48000'] : []),
      ...(options.codecArguments ?? [
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-tune',
        'zerolatency',
        '-g',
        '10',
        '-pix_fmt',
        'yuv420p',
      ]),
      ...(options.audio === true ? ['-c:a', 'libopus', '-ac', '2'] : []),
      ...[
        '-f',
        'rtsp',
        '-rtsp_transport',
        'tcp',
        `rtsp://127.0.0.1:${options.port}/${options.path ?? 'stream1'}`,
      ],
    ],
    stdout: (chunk) => {
      if (/^frame=[1-9]/m.test(chunk.toString())) isSending.resolve();
    },
    signal: end.signal,
    killAfterMs: 2000,
  });
  const outcome = await Promise.race([
    isSending.promise,
    child.ended,
    delay(deadlineMs, 'late' as const, { ref: false }),
  ]);
  const stop = async () => {
    end.abort();
    await child.ended;
  };
  if (outcome !== undefined) {
    await stop();
    throw new Error(`FFmpeg did not publish: ${(await child.ended).stderrTail.join('\n')}`);
  }
  return { stop };
}
