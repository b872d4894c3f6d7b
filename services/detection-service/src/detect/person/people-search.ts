import type { Mat, OpenCv } from '@camplane/opencv/load-opencv';
import type { Pixels } from '../detector.ts';
import { clipTo } from '../boxes.ts';
import type { Candidate } from './choose-people.ts';
import type { Crop } from './person-crops.ts';

/** Step between window positions (of 8 × 8 pixel cells), and between sizes. */
const stride = 8;
const sizeStep = 1.06;
const windowWidth = 64;
const windowHeight = 128;
/**
 * The window includes the margin around the person in the training images: 16 of 128 pixels above and below
 * (Dalal and Triggs, Histograms of Oriented Gradients for Human Detection, 2005).
 */
const insetX = 0.12;
const insetY = 0.07;

/** Histograms of oriented gradients (HOG) with OpenCV's default people detector. */
export function createPeopleSearch(cv: OpenCv) {
  const hog = new cv.HOGDescriptor();
  const svm = peopleSvm(cv);
  hog.setSVMDetector(svm);
  const step = new cv.Size(stride, stride);
  const padding = new cv.Size(0, 0);

  /** Boxes in image pixels; several per person. */
  function search(image: Mat, crop: Crop, distanceMin: number): Candidate[] {
    const part = cutOut(cv, image, crop);
    const found = new cv.RectVector();
    const weights = new cv.DoubleVector();
    try {
      if (part.cols < windowWidth || part.rows < windowHeight) return [];
      // No grouping: duplicates are removed over all crops at once.
      hog.detectMultiScale(part, found, weights, distanceMin, step, padding, sizeStep, 0, false);
      const scaleX = part.cols / Math.round(crop.box.width);
      const scaleY = part.rows / Math.round(crop.box.height);
      const origin = { x: Math.round(crop.box.x), y: Math.round(crop.box.y) };
      return Array.from({ length: found.size() }, (_, index) => {
        const { x, y, width, height } = found.get(index);
        return {
          distance: weights.get(index),
          box: {
            x: origin.x + (x + insetX * width) / scaleX,
            y: origin.y + (y + insetY * height) / scaleY,
            width: (width * (1 - 2 * insetX)) / scaleX,
            height: (height * (1 - 2 * insetY)) / scaleY,
          },
        };
      });
    } finally {
      part.delete();
      found.delete();
      weights.delete();
    }
  }

  return {
    /** @param crops may exceed the image: its border is extended */
    find(image: Pixels, crops: readonly Crop[], distanceMin: number): Candidate[] {
      const mat = new cv.Mat(image.height, image.width, cv.CV_8UC1);
      try {
        mat.data.set(image.data);
        return crops.flatMap((crop) => search(mat, crop, distanceMin));
      } finally {
        mat.delete();
      }
    },
    dispose(): void {
      hog.delete();
      svm.delete();
    },
  };
}

/** `getDefaultPeopleDetector` returns a vector, but `setSVMDetector` needs a matrix. */
function peopleSvm(cv: OpenCv) {
  const vector = cv.HOGDescriptor.getDefaultPeopleDetector();
  const svm = new cv.Mat(vector.size(), 1, cv.CV_32FC1);
  for (let index = 0; index < vector.size(); index++) svm.data32F[index] = vector.get(index);
  vector.delete();
  return svm;
}

function cutOut(cv: OpenCv, image: Mat, { box, scale }: Crop) {
  const target = {
    x: Math.round(box.x),
    y: Math.round(box.y),
    width: Math.round(box.width),
    height: Math.round(box.height),
  };
  const inside = clipTo(target, image.cols, image.rows);
  const part = new cv.Mat();
  if (inside.width < 1 || inside.height < 1) return part;
  const region = image.roi(new cv.Rect(inside.x, inside.y, inside.width, inside.height));
  try {
    const top = inside.y - target.y;
    const left = inside.x - target.x;
    const bottom = target.height - inside.height - top;
    const right = target.width - inside.width - left;
    cv.copyMakeBorder(region, part, top, bottom, left, right, cv.BORDER_REPLICATE);
    const size = new cv.Size(Math.round(target.width * scale), Math.round(target.height * scale));
    cv.resize(part, part, size, 0, 0, scale < 1 ? cv.INTER_AREA : cv.INTER_LINEAR);
    return part;
  } finally {
    region.delete();
  }
}
