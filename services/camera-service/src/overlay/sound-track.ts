import { rawSoundRate } from '@camplane/ffmpeg/arguments/raw-sound';

/** Tolerated difference between writing and arrival; beyond it, sound and video are noticeably out of sync. */
export const soundOffsetMaxMs = 150;
/** Cameras send sound in chunks of up to 130 ms: only a longer pause means missing sound. */
const missingAfterMs = 300;
/** Remainder of a pause that is not filled, so that sound which is only late still fits. */
const filledUpToMs = 100;
/** Maximum silence per write; a longer pause is filled in several steps. */
const silenceMaxMs = 1000;

/**
 * Keeps a sound track in sync with the clock that timestamps the frames: its n-th sample belongs to `startMs + n/48`
 * ms. Missing sound becomes silence, so that the track always continues with the video; bursts are dropped, so that
 * a camera's wrong clock causes no lasting shift. Pure: it counts samples and gets the time as an argument.
 */
export class SoundTrack {
  readonly #startMs: number;
  #samples = 0;
  #skipping = false;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** A chunk of sound has arrived: returns how much silence precedes it, and whether to use it. */
  offer(samples: number, nowMs: number): { silence: number; use: boolean } {
    const ahead = this.#samples + samples - this.#due(nowMs);
    if (ahead > samplesIn(soundOffsetMaxMs)) this.#skipping = true;
    else if (ahead <= 0) this.#skipping = false;
    if (this.#skipping) return { silence: 0, use: false };
    return { silence: -ahead > samplesIn(soundOffsetMaxMs) ? bounded(-ahead) : 0, use: true };
  }

  /** How much silence to write now; called repeatedly. */
  missing(nowMs: number): number {
    const behind = this.#due(nowMs) - this.#samples;
    return behind > samplesIn(missingAfterMs) ? bounded(behind - samplesIn(filledUpToMs)) : 0;
  }

  /** Records written samples, of sound or silence. */
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
