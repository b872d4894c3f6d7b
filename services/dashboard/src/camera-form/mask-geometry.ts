import type { Point } from '@camplane/contracts/camera';
import type { Mask } from './form-values.ts';

export const maskPointsMin = 3;
export const maskPointsMax = 32;
export const masksMax = 16;

/** Arrow key steps, without and with Shift, as fractions of the image. */
const step = 0.005;
const largeStep = 0.05;

type Box = { left: number; top: number; width: number; height: number };

/** The position of a pointer as fractions of the image, clamped to it. */
export function pointAt(clientX: number, clientY: number, box: Box): Point {
  return {
    x: fraction((clientX - box.left) / box.width),
    y: fraction((clientY - box.top) / box.height),
  };
}

/** A point moved by an arrow key; null for any other key. */
export function movedByKey(point: Point, key: string, large: boolean): Point | null {
  const by = large ? largeStep : step;
  switch (key) {
    case 'ArrowLeft':
      return { x: fraction(point.x - by), y: point.y };
    case 'ArrowRight':
      return { x: fraction(point.x + by), y: point.y };
    case 'ArrowUp':
      return { x: point.x, y: fraction(point.y - by) };
    case 'ArrowDown':
      return { x: point.x, y: fraction(point.y + by) };
    default:
      return null;
  }
}

/** The initial mask for keyboard users: a box in the middle. */
export function middleBox(): Point[] {
  return [
    { x: 0.4, y: 0.4 },
    { x: 0.6, y: 0.4 },
    { x: 0.6, y: 0.6 },
    { x: 0.4, y: 0.6 },
  ];
}

export function withPoint(mask: Mask, index: number, point: Point): Mask {
  return { ...mask, points: mask.points.map((one, at) => (at === index ? point : one)) };
}

export function withoutPoint(mask: Mask, index: number): Mask {
  return { ...mask, points: mask.points.filter((_, at) => at !== index) };
}

/** For the `points` attribute of an SVG polygon with view box 0 0 100 100. */
export function polygonPoints(points: readonly Point[]): string {
  return points.map(({ x, y }) => `${round(x * 100)},${round(y * 100)}`).join(' ');
}

function fraction(value: number): number {
  return round(Math.min(1, Math.max(0, value)));
}

/** Four digits are finer than a pixel at 4K. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
