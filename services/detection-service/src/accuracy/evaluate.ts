import type { DetectorName } from '@camplane/contracts/camera';
import { createWorkerPool } from '../workers/worker-pool.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { DetectorResult } from '../workers/worker-messages.ts';
import type { Box } from '../detect/boxes.ts';
import { footageFrames, jpegOf, imageSize } from './footage-frames.ts';
import type { LabelledPerson, Labels } from './labels.ts';
import { addScores, emptyScore, ratesOf, scoreMotion, scorePeople } from './score.ts';
import type { Score } from './score.ts';

const scorers = { motion: scoreMotion, person: scorePeople };
export type Scored = keyof typeof scorers;
const scoredDetectors: readonly Scored[] = ['motion', 'person'];

export type Evaluation = { detector: Scored; fps: number; score: Score };

/** A camera's defaults. */
const settings = { minConfidence: 0.5, zones: [] };
/** Of the footage. */
const framesPerSecond = 10;
/** Generous: time does not matter for accuracy. */
const patience = { startMaxMs: 120_000, waitMaxMs: 120_000, detectMaxMs: 120_000 };
const startedAt = Date.UTC(2026, 0, 1);

/**
 * Runs the footage through real workers as a camera's frames at `fps`, and scores each detector on the labelled frames.
 * The person detector runs only from one second before the first labelled frame, because it is slow.
 *
 * @param fps a divisor of the footage's 10
 */
export async function evaluateFootage(
  footage: string,
  labels: Labels,
  fps: number,
  detectors = scoredDetectors,
): Promise<Evaluation[]> {
  const labelled = new Map(labels.frames.map(({ frame, people }) => [frame, people]));
  const every = framesPerSecond / fps;
  const beginsAt = Math.min(...labelled.keys()) - framesPerSecond;
  const count = Math.max(...labelled.keys()) / every + 1;
  const evaluations = detectors.map((detector) => ({ detector, fps, score: emptyScore }));
  const pool = createWorkerPool({ workers: 1, limits: patience });
  try {
    for await (const { frame, pixels } of footageFrames(footage, every, count)) {
      const enabled = frame < beginsAt ? (['motion'] as const) : detectors;
      const found = await detect(pool, await jpegOf(pixels), frame / framesPerSecond, enabled, labels);
      const people = labelled.get(frame);
      if (people) addFrame(evaluations, found, people);
    }
    return evaluations;
  } finally {
    await pool.close();
  }
}

/** Sums evaluations of parts of the footage by detector and rate. */
export function addEvaluations(parts: readonly Evaluation[]): Evaluation[] {
  const sums = new Map<string, Evaluation>();
  for (const part of parts) {
    const name = `${part.detector} ${part.fps}`;
    const before = sums.get(name);
    sums.set(name, before ? { ...before, score: addScores(before.score, part.score) } : part);
  }
  return [...sums.values()];
}

/** Detections of all detectors in frames at `fps`. */
export async function findingsIn(frames: Iterable<Buffer>, fps: number): Promise<Found[]> {
  const pool = createWorkerPool({ workers: 1, limits: patience });
  const findings: Found[] = [];
  try {
    let index = 0;
    for (const pixels of frames) {
      const jpeg = await jpegOf(pixels);
      findings.push(...(await detect(pool, jpeg, index++ / fps, scoredDetectors, imageSize)));
    }
    return findings;
  } finally {
    await pool.close();
  }
}

export type Found = Box & { detector: DetectorName; confidence: number };

async function detect(
  pool: WorkerPool,
  jpeg: Uint8Array,
  seconds: number,
  detectors: readonly Scored[],
  scale: { width: number; height: number },
): Promise<Found[]> {
  const capturedAt = startedAt + Math.round(seconds * 1000);
  const { results } = await pool.detect({ cameraId: 'footage', capturedAt, jpeg, detectors, ...settings });
  return results.flatMap((answer) => foundBy(answer, scale));
}

function foundBy(answer: DetectorResult, { width, height }: { width: number; height: number }): Found[] {
  if (answer.outcome !== 'detected') throw new Error(`${answer.detector} ${answer.outcome} a frame`);
  return answer.found.map(({ confidence, boundingBox: box }) => ({
    detector: answer.detector,
    confidence,
    x: box.x * width,
    y: box.y * height,
    width: box.width * width,
    height: box.height * height,
  }));
}

function addFrame(
  evaluations: Evaluation[],
  found: readonly Found[],
  people: readonly LabelledPerson[],
): void {
  for (const evaluation of evaluations) {
    const boxes = found.filter(({ detector }) => detector === evaluation.detector);
    evaluation.score = addScores(evaluation.score, scorers[evaluation.detector](boxes, people));
  }
}

/** Evaluations as a text table. */
export function tableOf(evaluations: readonly Evaluation[]): string {
  const heads = ['detector', 'fps', 'people', 'found', 'boxes', 'wrong', 'precision', 'recall', 'F1'];
  const rows = evaluations.map(({ detector, fps, score }) => {
    const { precision, recall, f1 } = ratesOf(score);
    const { found, missed, right, wrong } = score;
    const figures = [fps, found + missed, found, right + wrong, wrong].map(String);
    return [detector, ...figures, ...[precision, recall, f1].map((rate) => rate.toFixed(3))];
  });
  return [heads, ...rows].map((cells) => cells.map((cell) => cell.padStart(9)).join(' ')).join('\n');
}
