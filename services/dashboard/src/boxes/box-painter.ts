import type { DetectionEntry } from '@camplane/contracts/detection';
import { labelColour } from '@camplane/contracts/label-colour';
import { confidenceText } from '../wording/detection.ts';
import { containedRectangle } from './frame-geometry.ts';
import type { Size } from './frame-geometry.ts';

/** `light`: outlines without captions, for small tiles. */
export type BoxDetail = 'full' | 'light';

const textPx = 13;
const padPx = 5;
const captionPx = 20;

export function cssLabelColour(label: string): string {
  return `rgb(${labelColour(label).join(' ')})`;
}

/** `element` is in CSS pixels, `density` in device pixels per CSS pixel. */
export function paintBoxes(
  context: CanvasRenderingContext2D,
  entries: readonly DetectionEntry[],
  place: { element: Size; frame: Size; density: number; detail: BoxDetail },
): void {
  const { element, frame, density, detail } = place;
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, element.width, element.height);
  const area = containedRectangle(element, frame);
  if (!area) return;
  context.save();
  context.beginPath();
  context.rect(area.x, area.y, area.width, area.height);
  context.clip();
  for (const { boundingBox, label, confidence } of entries) {
    const x = area.x + boundingBox.x * area.width;
    const y = area.y + boundingBox.y * area.height;
    const width = boundingBox.width * area.width;
    const height = boundingBox.height * area.height;
    const colour = cssLabelColour(label);
    // A dark line around the bright one keeps the box visible on any background.
    const line = detail === 'full' && label !== 'motion' ? 2 : 1.5;
    outline(context, { x, y, width, height }, 'rgb(0 0 0 / 55%)', line + 2);
    outline(context, { x, y, width, height }, colour, line);
    if (detail === 'full') {
      const top = y - captionPx >= area.y ? y - captionPx : y;
      caption(context, `${label} ${confidenceText(confidence)}`, x, top, area, colour);
    }
  }
  context.restore();
}

function outline(
  context: CanvasRenderingContext2D,
  { x, y, width, height }: Size & { x: number; y: number },
  colour: string,
  line: number,
): void {
  context.lineWidth = line;
  context.strokeStyle = colour;
  context.strokeRect(x, y, width, height);
}

function caption(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  area: Size & { x: number },
  colour: string,
): void {
  context.font = `600 ${textPx}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  const width = context.measureText(text).width + 2 * padPx;
  const left = Math.max(area.x, Math.min(x - 1, area.x + area.width - width));
  context.fillStyle = colour;
  context.fillRect(left, y, width, captionPx);
  context.fillStyle = '#10151a';
  context.fillText(text, left + padPx, y + captionPx / 2 + 0.5);
}
