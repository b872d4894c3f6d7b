import { rawSoundRate } from '@camplane/ffmpeg/arguments/raw-sound';

/** Sound may be written so much later or earlier than it came; what is more is heard beside the picture. */
export const soundOffsetMaxMs = 150;
/** A camera sends sound in pieces of up to 130 ms: only after a longer pause is it missing. */
const missingAfterMs = 300;
/** What is left of a pause after it was filled, so that sound which was only late still has its place. */
const filledUpToMs = 100;
/** Written at once; a longer pause is filled in several steps. */
const silenceMaxMs = 1000;

/**
 * Keeps a track of sound beside the clock that stamps the pictures: its n-th sample is that of `startMs + n/48` ms.
 * Silence is put where none comes, so that the track goes on beside the pictures whatever the camera does, and
 * what comes in a burst is left out: a camera's clock that runs wrong shifts nothing for long. Pure: it counts
 * samples and is told the time.
 */
export class SoundTrack {
  readonly #startMs: number;
  #samples = 0;
  #skipping = false;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** A piece of sound is there: how much silence goes before it, and whether it is used itself. */
  offer(samples: number, nowMs: number): { silence: number; use: boolean } {
    const ahead = this.#samples + samples - this.#due(nowMs);
    if (ahead > samplesIn(soundOffsetMaxMs)) this.#skipping = true;
    else if (ahead <= 0) this.#skipping = false;
    if (this.#skipping) return { silence: 0, use: false };
    return { silence: -ahead > samplesIn(soundOffsetMaxMs) ? bounded(-ahead) : 0, use: true };
  }

  /** How much silence to write now; asked for again and again. */
  missing(nowMs: number): number {
    const behind = this.#due(nowMs) - this.#samples;
    return behind > samplesIn(missingAfterMs) ? bounded(behind - samplesIn(filledUpToMs)) : 0;
  }

  /** So many samples were written, of sound or silence. */
  wrote(samples: number): void {
    this.#samples += samples;
  }

  #due(nowMs: number): number {
    return samplesIn(nowMs - this.#startMs);
  }
}

function samplesIn(ms: number): number {
  return Math.round((ms * rawSoundRate) / 1000);
}

function bounded(samples: number): number {
  return Math.min(samples, samplesIn(silenceMaxMs));
}
