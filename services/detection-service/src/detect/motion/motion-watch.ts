import type { Mat, OpenCv } from '@camplane/opencv/load-opencv';
import type { Picture, Pixels } from '../detector.ts';
import { areNear, joinBoxes } from '../boxes.ts';
import type { Box } from '../boxes.ts';
import { createMotionMemory } from './motion-memory.ts';

/** What moves in one picture. All in pixels of its small form. */
export type Moved = {
  /** `settling`: the background is being learnt, and nothing can be said yet. */
  state: 'settling' | 'watching';
  width: number;
  height: number;
  boxes: readonly MovingBox[];
};
/** `fill`: part of the box that is in motion, 0–1. */
export type MovingBox = Box & { fill: number };

export type MotionWatch = {
  /** Looks at a picture once, however many detectors ask. */
  look(picture: Picture): Promise<Moved>;
  dispose(): void;
};

/** A background pixel may vary by so many squared standard deviations (MOG2's own default is 16). */
const varianceThreshold = 25;
/** Least area in motion, as a part of the picture: a person 20 m away fills about four times as much. */
const minimumArea = 0.001;
/** Parts of one thing come apart, people mostly at the waist: how far one part may be above another, in widths. */
const joinGapY = 0.03;
/** More boxes than this are noise (rain, a picture full of leaves): the largest count. */
const boxesMax = 32;

/**
 * Tells what moves from what stands: a mixture of Gaussians for each pixel (MOG2) on the small grey picture,
 * opened and closed, and the contours joined to boxes.
 */
export function createMotionWatch(cv: OpenCv): MotionWatch {
  const memory = createMotionMemory();
  let state = allocate(cv, { width: 1, height: 1 });
  let last: { picture: Picture; moved: Promise<Moved> } | null = null;

  async function look(picture: Picture): Promise<Moved> {
    const small = await picture.small();
    const { width, height } = small;
    if (width !== state.width || height !== state.height) {
      state.free();
      state = allocate(cv, small);
      memory.forget();
    }
    const { grey, mask } = state;
    grey.data.set(small.data);
    cv.GaussianBlur(grey, grey, state.blurSize, 0);
    state.background.apply(grey, mask, memory.learningRate(picture.capturedAt));
    const phase = memory.judge(cv.countNonZero(mask) / (width * height), picture.capturedAt);
    if (phase === 'light-changed') state.background.apply(grey, mask, 1);
    const boxes = phase === 'watching' ? movingBoxes(cv, state) : [];
    return { state: phase === 'watching' ? 'watching' : 'settling', width, height, boxes };
  }

  return {
    look(picture) {
      if (last?.picture !== picture) last = { picture, moved: look(picture) };
      return last.moved;
    },
    dispose() {
      last = null;
      state.free();
    },
  };
}

type WatchState = ReturnType<typeof allocate>;

function allocate(cv: OpenCv, { width, height }: Omit<Pixels, 'data'>) {
  // History only matters where no learning rate is given; each call gives one. Shadows are not marked.
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
