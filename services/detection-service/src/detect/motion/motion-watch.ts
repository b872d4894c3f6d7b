import type { Mat, OpenCv } from '@camplane/opencv/load-opencv';
import type { Image, Pixels } from '../detector.ts';
import { areNear, joinBoxes } from '../boxes.ts';
import type { Box } from '../boxes.ts';
import { createMotionMemory } from './motion-memory.ts';

/** Motion in one frame, in pixels of its small form. */
export type Motion = {
  /** `settling`: the background is being learned, and nothing is reported yet. */
  state: 'settling' | 'watching';
  width: number;
  height: number;
  boxes: readonly MovingBox[];
};
/** `fill`: fraction of the box that moves, 0–1. */
export type MovingBox = Box & { fill: number };

export type MotionWatch = {
  /** Processes each frame once, however many detectors ask. */
  detect(image: Image): Promise<Motion>;
  dispose(): void;
};

/** Maximum squared Mahalanobis distance of a background pixel (MOG2's default is 16). */
const varianceThreshold = 25;
/** Minimum moving area as a fraction of the frame: a person 20 m away fills about four times as much. */
const minimumArea = 0.001;
/** Maximum vertical gap between parts of one object, in frame widths: people come apart at the waist. */
const joinGapY = 0.03;
/** More boxes are noise (rain, leaves); the largest are kept. */
const boxesMax = 32;

/**
 * Motion detection: a mixture of Gaussians per pixel (MOG2) on the small grey image, opened and closed, and the contours
 * merged to boxes.
 */
export function createMotionWatch(cv: OpenCv): MotionWatch {
  const memory = createMotionMemory();
  let state = allocate(cv, { width: 1, height: 1 });
  let last: { image: Image; motion: Promise<Motion> } | null = null;

  async function detect(image: Image): Promise<Motion> {
    const small = await image.small();
    const { width, height } = small;
    if (width !== state.width || height !== state.height) {
      state.free();
      state = allocate(cv, small);
      memory.reset();
    }
    const { grey, mask } = state;
    grey.data.set(small.data);
    cv.GaussianBlur(grey, grey, state.blurSize, 0);
    state.background.apply(grey, mask, memory.learningRate(image.capturedAt));
    const phase = memory.classify(cv.countNonZero(mask) / (width * height), image.capturedAt);
    if (phase === 'light-changed') state.background.apply(grey, mask, 1);
    const boxes = phase === 'watching' ? movingBoxes(cv, state) : [];
    return { state: phase === 'watching' ? 'watching' : 'settling', width, height, boxes };
  }

  return {
    detect(image) {
      if (last?.image !== image) last = { image, motion: detect(image) };
      return last.motion;
    },
    dispose() {
      last = null;
      state.free();
    },
  };
}

type WatchState = ReturnType<typeof allocate>;

function allocate(cv: OpenCv, { width, height }: Omit<Pixels, 'data'>) {
  // History only matters where no learning rate is given; each call sets one. Shadows are not marked.
  const background = new cv.BackgroundSubtractorMOG2(500, varianceThreshold, false);
  const grey = new cv.Mat(height, width, cv.CV_8UC1);
  const mask = new cv.Mat(height, width, cv.CV_8UC1);
  const speck = cv.getStructuringElement(cv.MORPH_ELLIPSE, new cv.Size(3, 3));
  const gap = cv.getStructuringElement(cv.MORPH_RECT, new cv.Size(5, 7));
  const owned = [background, grey, mask, speck, gap];
  return {
    width,
    height,
    background,
    grey,
    mask,
    speck,
    gap,
    blurSize: new cv.Size(5, 5),
    free() {
      for (const one of owned) one.delete();
    },
  };
}

function movingBoxes(cv: OpenCv, { mask, speck, gap, width, height }: WatchState): MovingBox[] {
  cv.morphologyEx(mask, mask, cv.MORPH_OPEN, speck);
  cv.morphologyEx(mask, mask, cv.MORPH_CLOSE, gap);
  const parts = contourBoxes(cv, mask, minimumArea * width * height * 0.25);
  return joinBoxes(parts, (a, b) => areNear(a, b, 0, joinGapY * width))
    .map((box) => ({ ...box, ...movingPart(cv, mask, box) }))
    .filter(({ pixels }) => pixels >= minimumArea * width * height)
    .sort((a, b) => b.pixels - a.pixels)
    .slice(0, boxesMax);
}

function contourBoxes(cv: OpenCv, mask: Mat, areaMin: number): Box[] {
  const contours = new cv.MatVector();
  const hierarchy = new cv.Mat();
  try {
    cv.findContours(mask, contours, hierarchy, cv.RETR_EXTERNAL, cv.CHAIN_APPROX_SIMPLE);
    const boxes: Box[] = [];
    for (let index = 0; index < contours.size(); index++) {
      const contour = contours.get(index);
      const box = cv.boundingRect(contour);
      if (cv.contourArea(contour) >= areaMin) boxes.push(box);
      contour.delete();
    }
    return boxes.sort((a, b) => b.width * b.height - a.width * a.height).slice(0, boxesMax * 4);
  } finally {
    contours.delete();
    hierarchy.delete();
  }
}

function movingPart(cv: OpenCv, mask: Mat, box: Box): { pixels: number; fill: number } {
  const region = mask.roi(new cv.Rect(box.x, box.y, box.width, box.height));
  const pixels = cv.countNonZero(region);
  region.delete();
  return { pixels, fill: pixels / (box.width * box.height) };
}
