import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pixels } from '../detect/detector.ts';
import { startModelThread } from './testing/model-thread.ts';
import type { ModelResponse } from './testing/model-thread.ts';
import {
  classifierModel,
  echoModel,
  notANumberModel,
  objectness,
  squareLabels,
  squareModel,
  twoInputModel,
} from './testing/square-models.ts';
import type { SquareLayout } from './testing/square-models.ts';

jest.setTimeout(60_000);

let folder: TemporaryFolder;
let thread: ReturnType<typeof startModelThread>;
beforeAll(async () => {
  folder = await createTemporaryFolder();
  thread = startModelThread();
});
afterAll(async () => {
  await thread.stop();
  await folder.remove();
});

type Files = { model?: Uint8Array; labels?: string; thresholds?: Record<string, number> };

/** Writes the files, loads the model, and runs it on the images. */
async function load(files: Files, images: Pixels[] = [], minConfidence = 0.6): Promise<ModelResponse> {
  const settings = {
    modelPath: join(folder.path, 'squares.onnx'),
    labelsPath: join(folder.path, 'squares.txt'),
    thresholds: files.thresholds ?? {},
  };
  await writeFile(settings.modelPath, files.model ?? squareModel({ width: 128, height: 128 }));
  await writeFile(settings.labelsPath, files.labels ?? squareLabels.join('\n'));
  return thread.run({ settings, images, minConfidence });
}

const white = [255, 255, 255];
const red = [255, 0, 0];

/** Black, with squares. */
function image(
  width: number,
  height: number,
  squares: { x: number; y: number; side: number; colour: number[] }[] = [],
): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (const { x, y, side, colour } of squares) {
    for (let row = y; row < y + side; row++) {
      for (let column = x; column < x + side; column++) data.set(colour, (row * width + column) * 3);
    }
  }
  return { data, width, height };
}

function foundIn(answer: ModelResponse) {
  if (!answer.ok) throw new Error(answer.message);
  return answer.found;
}

describe('a model', () => {
  it.each<SquareLayout>(['rows', 'columns', 'objectness'])(
    'in the layout %s finds squares, and none in an empty image',
    async (layout) => {
      const model = squareModel({ width: 128, height: 128, layout });
      // Twice as large as the input, 32 pixels of grey above and below: squares of 32 fill one cell of 16.
      const bright = image(256, 128, [{ x: 64, y: 32, side: 32, colour: white }]);
      const certain = layout === 'objectness' ? objectness : 1;
      const [found, none] = foundIn(await load({ model }, [bright, image(256, 128)]));
      expect(found).toEqual([
        {
          label: 'bright',
          confidence: expect.closeTo(certain, 5),
          boundingBox: { x: 0.25, y: 0.25, width: 0.125, height: 0.25 },
        },
      ]);
      expect(none).toEqual([]);
    },
  );

  it('distinguishes classes and keeps concurrent images apart', async () => {
    const at = (x: number, colour: number[]) => image(256, 256, [{ x, y: 64, side: 32, colour }]);
    const images = [at(0, red), at(96, white), image(256, 256), at(224, red)];
    const found = foundIn(await load({}, images, 0.9));
    expect(
      found.map((one) => one.map(({ label, boundingBox }) => `${label} ${boundingBox.x * 256}`)),
    ).toEqual([['red 0'], ['bright 96'], [], ['red 224']]);
  });

  it('applies thresholds', async () => {
    const dim = [200, 200, 200];
    const both = image(256, 256, [
      { x: 0, y: 0, side: 32, colour: dim },
      { x: 64, y: 0, side: 32, colour: red },
    ]);
    const labels = async (thresholds: Record<string, number>, minConfidence: number) =>
      foundIn(await load({ thresholds }, [both], minConfidence)).map((one) => one.map(({ label }) => label));
    expect(await labels({}, 0.6)).toEqual([['red', 'bright']]);
    expect(await labels({ bright: 0.9 }, 0.6)).toEqual([['red']]);
    expect(await labels({ bright: 0.1 }, 0.9)).toEqual([['red']]);
  });

  it('with a dynamic input size gets images of 640×640', async () => {
    const model = squareModel({
      width: 640,
      height: 640,
      inputShape: ['batch', 3, 'height', 'width'],
      outputShape: ['batch', 6, 'places'],
    });
    const square = image(640, 640, [{ x: 320, y: 160, side: 16, colour: white }]);
    const answer = await load({ model }, [square]);
    expect(answer).toMatchObject({ input: { width: 640, height: 640 }, layout: { anchors: 1600 } });
    expect(foundIn(answer)[0]).toMatchObject([{ boundingBox: { x: 0.5, y: 0.25, width: 0.025 } }]);
  });

  it('that returns NaN finds nothing', async () => {
    expect(foundIn(await load({ model: notANumberModel() }, [image(32, 32)], 0))).toEqual([[]]);
  });
});

describe('an unusable model or label file', () => {
  it.each<[string, Files, string, RegExp]>([
    ['an empty file', { model: new Uint8Array() }, 'model-missing', /ONNX_MODEL: .*is empty/],
    [
      'text',
      { model: Buffer.from('<html>404</html>') },
      'not-a-model',
      /ONNX_MODEL: .*cannot load|ONNX_MODEL: .*can load/,
    ],
    ['noise', { model: Buffer.alloc(100_000, 0xa7) }, 'not-a-model', /ONNX_MODEL/],
    [
      'half a model',
      { model: squareModel({ width: 128, height: 128 }).subarray(0, 2000) },
      'not-a-model',
      /copy all of it/,
    ],
    [
      'a model that contradicts itself',
      { model: squareModel({ width: 128, height: 128, inputType: 'uint8' }) },
      'not-a-model',
      /uint8/,
    ],
    ['half precision', { model: echoModel([1, 3, 64, 64], 'float16') }, 'input', /float16/],
    ['a model of bytes', { model: echoModel([1, 3, 64, 64], 'uint8') }, 'input', /uint8/],
    ['channels last', { model: echoModel([1, 64, 64, 3]) }, 'input', /channels are last/],
    ['two inputs', { model: twoInputModel() }, 'input', /2 inputs \(images, more\)/],
    ['no image as input', { model: echoModel([]) }, 'input', /\[\]/],
    ['a classifier', { model: classifierModel() }, 'output', /\[1, 3\], which is not YOLO-shaped/],
    [
      'an image as answer',
      { model: echoModel([1, 3, 64, 64]) },
      'output',
      /\[1, 3, 64, 64\], which is not YOLO-shaped/,
    ],
    [
      'a model that fails when it runs',
      {
        model: squareModel({
          width: 128,
          height: 128,
          inputShape: [1, 3, 'h', 'w'],
          outputShape: [1, 6, 'n'],
        }),
      },
      'run',
      /ONNX_MODEL: .*fails on an image of 640×640/,
    ],
    ['too few labels', { labels: 'bright' }, 'output', /means 2 classes, but the label file has 1 names/],
    [
      'too many labels',
      { labels: 'bright\nred\nblue' },
      'output',
      /means 2 classes, but the label file has 3 names/,
    ],
    ['an empty label file', { labels: '' }, 'labels', /ONNX_LABELS: .*is empty/],
    ['YAML as labels', { labels: 'names:\n  0: bright\n' }, 'labels', /ONNX_LABELS: .*JSON or YAML/],
    [
      'a threshold for no class',
      { thresholds: { green: 0.5 } },
      'thresholds',
      /ONNX_MIN_CONFIDENCE names "green"/,
    ],
  ])('is refused: %s', async (_, files, kind, message) => {
    expect(await load(files)).toEqual({ ok: false, kind, message: expect.stringMatching(message) });
  });

  it('is rejected if a file is missing or is a folder', async () => {
    await load({});
    await mkdir(join(folder.path, 'a-folder'), { recursive: true });
    const good = {
      modelPath: join(folder.path, 'squares.onnx'),
      labelsPath: join(folder.path, 'squares.txt'),
    };
    const question = (wrong: Partial<typeof good>) =>
      thread.run({ settings: { ...good, ...wrong, thresholds: {} }, images: [], minConfidence: 0 });
    const missing = join(folder.path, 'missing');
    expect(await question({})).toMatchObject({ ok: true, labels: squareLabels });
    expect(await question({ modelPath: missing })).toMatchObject({
      kind: 'model-missing',
      message: expect.stringMatching(/ENOENT/),
    });
    expect(await question({ labelsPath: missing })).toMatchObject({
      kind: 'labels',
      message: expect.stringMatching(/ENOENT/),
    });
    const isFolder = join(folder.path, 'a-folder');
    expect(await question({ modelPath: isFolder })).toMatchObject({
      kind: 'model-missing',
      message: expect.stringMatching(/not a file/),
    });
    expect(await question({ labelsPath: isFolder })).toMatchObject({
      kind: 'labels',
      message: expect.stringMatching(/not a file/),
    });
  });
});
