import { ModelError } from './model-error.ts';

/** Metadata of an input or output from ONNX Runtime. A dynamic dimension is a name, possibly empty. */
export type ValueMetadata = { name: string; type?: string; shape?: readonly (number | string)[] };

/** For a dynamic input size: what YOLO exports are trained with. */
const dynamicSize = 640;
const sizeMin = 16;
const sizeMax = 4096;

const remedy =
  'export it as a YOLO detection model, 32-bit, with input [1, 3, height, width] and without NMS';

/**
 * The input size of a model.
 *
 * @throws {ModelError} `input`
 */
export function inputSizeOf(inputs: readonly ValueMetadata[]): { width: number; height: number } {
  const [input] = inputs;
  if (!input || inputs.length > 1) {
    throw inputError(
      `has ${inputs.length} inputs (${inputs.map(({ name }) => name).join(', ')}) instead of one`,
    );
  }
  const { type, shape = [] } = input;
  const shown = `[${shape.map((size) => (size === '' ? '?' : size)).join(', ')}]`;
  if (type !== 'float32') throw inputError(`has an input of ${type ?? 'no tensor'} instead of float32`);
  const [batch, channels, height, width] = shape;
  if (shape.length !== 4 || height === undefined || width === undefined) {
    throw inputError(`has an input of ${shown} instead of [1, 3, height, width]`);
  }
  if (isFixedAndNot(batch, 1)) throw inputError(`has a batch size of ${batch} instead of one`);
  if (isFixedAndNot(channels, 3)) {
    const hint = width === 3 ? ' (channels are last)' : '';
    throw inputError(`has an input of ${shown} instead of [1, 3, height, width]${hint}`);
  }
  const size = {
    width: typeof width === 'number' ? width : dynamicSize,
    height: typeof height === 'number' ? height : dynamicSize,
  };
  // NaN is not within any bounds.
  if (!Object.values(size).every((pixels) => pixels >= sizeMin && pixels <= sizeMax)) {
    throw inputError(`has an input of ${size.width}×${size.height} pixels, outside ${sizeMin} to ${sizeMax}`);
  }
  return size;
}

function isFixedAndNot(size: number | string | undefined, expected: number): boolean {
  return typeof size === 'number' && size !== expected;
}

function inputError(what: string): ModelError {
  return new ModelError('input', `ONNX_MODEL: the model ${what}: ${remedy}`);
}

/** Layout of an output: for each of its `anchors` a box, objectness if any, and a score per class. */
export type OutputLayout = {
  anchors: number;
  classes: number;
  objectness: boolean;
  /** Grouped by value (YOLOv8), not by anchor (YOLOv5). */
  byValue: boolean;
};

/**
 * The layout of an actual output: [1, 4 + classes, anchors] (YOLOv8), the same transposed, or
 * [1, anchors, 5 + classes] with objectness (YOLOv5).
 *
 * @throws {ModelError} `output`
 */
export function outputLayoutOf(type: string, dims: readonly number[], labels: number): OutputLayout {
  const [batch, rows, columns] = dims;
  const shown = `[${dims.join(', ')}]`;
  if (type !== 'float32') throw outputError(`returns ${type} instead of float32`);
  if (dims.length !== 3 || batch !== 1 || rows === undefined || columns === undefined) {
    throw outputError(`returns ${shown}, which is not YOLO-shaped`);
  }
  if (rows === 4 + labels) return { anchors: columns, classes: labels, objectness: false, byValue: true };
  if (columns === 5 + labels) return { anchors: rows, classes: labels, objectness: true, byValue: false };
  if (columns === 4 + labels) return { anchors: rows, classes: labels, objectness: false, byValue: false };
  const values = Math.min(rows, columns);
  if (values < 5) throw outputError(`returns ${shown}, which is not YOLO-shaped`);
  const matching =
    columns < rows ? `${values - 4} classes, or ${values - 5} with objectness` : `${values - 4} classes`;
  throw new ModelError(
    'output',
    `ONNX_MODEL and ONNX_LABELS do not match: the model returns ${shown}, which means ${matching}, but the label ` +
      `file has ${labels} names. Use the label file of the model; if you do, ${remedy}`,
  );
}

function outputError(what: string): ModelError {
  return new ModelError('output', `ONNX_MODEL: the model ${what}: ${remedy}`);
}
