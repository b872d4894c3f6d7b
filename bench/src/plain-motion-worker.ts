import { parentPort, workerData } from 'node:worker_threads';
import type { CompiledOpenCv } from '@camplane/opencv/compile-opencv';
import { loadOpenCv } from '@camplane/opencv/load-opencv';
import sharp from 'sharp';

const { pictures, seconds, openCv } = workerData as {
  pictures: Uint8Array[];
  seconds: number;
  openCv: CompiledOpenCv;
};

/** The control: decoding, MOG2 and contours in one loop. Posts frames per second. */
const { cv } = await loadOpenCv(openCv);
sharp.concurrency(1);
const background = new cv.BackgroundSubtractorMOG2(500, 25, false);
const grey = new cv.Mat();
const mask = new cv.Mat();
const contours = new cv.MatVector();
const hierarchy = new cv.Mat();
let frames = 0;
const startedMs = performance.now();
while (performance.now() - startedMs < seconds * 1000) {
  const jpeg = pictures[frames % pictures.length];
  if (!jpeg) throw new Error('no frames');
  const { data, info } = await sharp(jpeg, { sequentialRead: true })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const rgb = new cv.Mat(info.height, info.width, cv.CV_8UC3);
  rgb.data.set(data);
  cv.cvtColor(rgb, grey, cv.COLOR_RGB2GRAY);
  cv.resize(grey, grey, new cv.Size(320, Math.round((320 * info.height) / info.width)), 0, 0, cv.INTER_AREA);
  background.apply(grey, mask, 0.01);
  cv.findContours(mask, contours, hierarchy, cv.RETR_EXTERNAL, cv.CHAIN_APPROX_SIMPLE);
  rgb.delete();
  frames += 1;
}
parentPort?.postMessage(frames / ((performance.now() - startedMs) / 1000));
