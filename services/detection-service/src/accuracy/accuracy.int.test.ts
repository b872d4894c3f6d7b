import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findFootage } from '@camplane/camera-simulator/footage';
import { addEvaluations, evaluateFootage, findingsIn, tableOf } from './evaluate.ts';
import type { Evaluation } from './evaluate.ts';
import { footageFrames, medianOf, withNoise } from './footage-frames.ts';
import { readLabels } from './labels.ts';
import { ratesOf } from './score.ts';

const slowMachineMs = 900_000;
/** Slightly below the measured values in README.md. */
const floors = {
  motion: { precision: 0.97, recall: 0.96 },
  person: { precision: 0.92, recall: 0.82 },
};

const evaluations: Evaluation[] = [];
let file: string;
/** Of every 2.5 s of the footage. */
let frames: Buffer[];

beforeAll(async () => {
  const found = await findFootage();
  if (found === null) throw new Error('footage not found: install opencv-doc');
  file = found;
  frames = [];
  for await (const { pixels } of footageFrames(file, 25)) frames.push(pixels);
}, slowMachineMs);

afterAll(() => {
  process.stdout.write(`\nvtest.avi against labels by hand:\n${tableOf(evaluations)}\n\n`);
});

describe('detectors', () => {
  it(
    'find what moves and who is there in footage that is labelled by hand, and little else',
    async () => {
      const labels = await readLabels();
      const half = labels.frames.length / 2;
      const measured = await Promise.all([
        // One core per half.
        evaluateFootage(file, { ...labels, frames: labels.frames.slice(0, half) }, 2),
        evaluateFootage(file, { ...labels, frames: labels.frames.slice(half) }, 2),
        // The person detector at 5 frames per second takes too long for a test; README.md has the figures.
        evaluateFootage(file, labels, 5, ['motion']),
      ]);
      evaluations.push(...addEvaluations(measured.flat()));
      const low = evaluations.filter(({ detector, score }) => {
        const { precision, recall } = ratesOf(score);
        return precision < floors[detector].precision || recall < floors[detector].recall;
      });
      expect(low).toEqual([]);
    },
    slowMachineMs,
  );

  it(
    'find nothing in the scene without people',
    async () => {
      expect(await findingsIn(takenAgain(medianOf(frames)), 5)).toEqual([]);
    },
    slowMachineMs,
  );

  it(
    'find nothing in a frame of people that stands still',
    async () => {
      const crowded = frames[28];
      if (!crowded) throw new Error('the footage is shorter than it was');
      expect(await findingsIn(takenAgain(crowded), 5)).toEqual([]);
    },
    slowMachineMs,
  );
});

/** Ten seconds of a still scene. */
function* takenAgain(frame: Buffer): Generator<Buffer> {
  for (let index = 0; index < 50; index++) yield withNoise(frame, index + 1);
}
