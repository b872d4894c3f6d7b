import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { rawSoundSampleBytes } from '@camplane/ffmpeg/arguments/raw-sound';
import type { SoundFifos } from './overlay-fifos.ts';
import { SoundTrack } from './sound-track.ts';

export type SoundPipes = {
  /** The first frame has arrived: sound from now on is passed on. Milliseconds since the epoch. */
  begin(startMs: number): void;
  close(): void;
};

const readBytes = 64 * 1024;
/** An encoder that does not read for longer than this (a third of a second) loses sound. */
const pendingMaxBytes = 64 * 1024;
const lookIntervalMs = 40;

/**
 * Passes sound from the decoder to the encoder and keeps it in time. Always reads and never waits: neither FFmpeg
 * blocks the other, and sound does not delay video.
 */
export function openSoundPipes({ decodedPath, timedPath }: SoundFifos): SoundPipes {
  let track: SoundTrack | null = null;
  /** Start of a sample whose end has not arrived. */
  let rest = Buffer.alloc(0);
  // Opened for reading and writing, like that of the frames, so that neither side waits for the other.
  const output = new Socket({
    fd: openSync(timedPath, constants.O_RDWR | constants.O_NONBLOCK),
    readable: false,
    writable: true,
  });
  const input = new Socket({
    fd: openSync(decodedPath, constants.O_RDONLY | constants.O_NONBLOCK),
    readable: true,
    writable: false,
    onread: {
      buffer: Buffer.alloc(readBytes),
      callback: (bytes: number, buffer: Uint8Array) => {
        pass(buffer.subarray(0, bytes));
        return true;
      },
    },
  });
  for (const socket of [input, output]) socket.on('error', () => socket.destroy());
  input.resume();
  const timer = setInterval(() => {
    if (track !== null && output.writableLength === 0) writeSilence(track.missing(Date.now()));
  }, lookIntervalMs);

  function pass(piece: Uint8Array): void {
    const bytes = Buffer.concat([rest, piece]);
    const samples = Math.floor(bytes.length / rawSoundSampleBytes);
    const whole = bytes.subarray(0, samples * rawSoundSampleBytes);
    rest = bytes.subarray(whole.length);
    if (track === null || samples === 0) return;
    const { silence, use } = track.offer(samples, Date.now());
    writeSilence(silence);
    if (use) write(whole);
  }

  function writeSilence(samples: number): void {
    if (samples > 0) write(Buffer.alloc(samples * rawSoundSampleBytes));
  }

  function write(bytes: Buffer): void {
    if (output.destroyed || output.writableLength > pendingMaxBytes) return;
    output.write(bytes);
    track?.wrote(bytes.length / rawSoundSampleBytes);
  }

  return {
    begin(startMs) {
      track ??= new SoundTrack(startMs);
    },
    close() {
      clearInterval(timer);
      input.destroy();
      output.destroy();
    },
  };
}
