import type { BoundingBox } from '@camplane/contracts/detection';

export type Size = { width: number; height: number };
export type Rectangle = Size & { x: number; y: number };

/** Where `object-fit: contain` places a frame within an element; null while either has no size. */
export function containedRectangle(element: Size, frame: Size): Rectangle | null {
  if (Math.min(element.width, element.height, frame.width, frame.height) <= 0) return null;
  const scale = Math.min(element.width / frame.width, element.height / frame.height);
  const width = frame.width * scale;
  const height = frame.height * scale;
  return { x: (element.width - width) / 2, y: (element.height - height) / 2, width, height };
}

/** The box takes this share of the crop, so that its surroundings are visible. */
const boxShare = 0.55;
/** Smaller crops show mostly JPEG artefacts. */
const cropMin = 0.3;

/**
 * The part of a frame to show for a box, as fractions of the frame.
 *
 * @param aspect width divided by height of the crop, in pixels
 */
export function cropAround(box: BoundingBox, frame: Size, aspect: number): Rectangle {
  // The ratio in fractions of the frame.
  const shape = (aspect * frame.height) / frame.width;
  const idealHeight = Math.max(box.height / boxShare, box.width / boxShare / shape, cropMin);
  const height = Math.min(idealHeight, 1, 1 / shape);
  const width = height * shape;
  return {
    x: within(box.x + box.width / 2 - width / 2, 1 - width),
    y: within(box.y + box.height / 2 - height / 2, 1 - height),
    width,
    height,
  };
}

/** Converts a box from fractions of the frame to fractions of a crop. */
export function boxInCrop(box: Rectangle, crop: Rectangle): Rectangle {
  return {
    x: (box.x - crop.x) / crop.width,
    y: (box.y - crop.y) / crop.height,
    width: box.width / crop.width,
    height: box.height / crop.height,
  };
}

export const fullFrame: Rectangle = { x: 0, y: 0, width: 1, height: 1 };

function within(value: number, max: number): number {
  return Math.min(Math.max(0, value), Math.max(0, max));
}
