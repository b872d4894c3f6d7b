import { ModelError } from './model-error.ts';

/** What ONNX Runtime tells of an input or an output; a dimension that is known only later has a name, or none. */
export type ValueFacts = { name: string; type?: string; shape?: readonly (number | string)[] };

/** Of an input whose size is left open: what YOLO's exports are trained for. */
const openSize = 640;
const sizeMin = 16;
const sizeMax = 4096;

const remedy =
  'export it as a YOLO detection model, 32-bit, with input [1, 3, height, width] and without NMS';

/**
 * The size of the picture that a model wants.
 *
 * @throws {ModelError} `input`
 */
export function inputSizeOf(inputs: readonly ValueFacts[]): { width: number; height: number } {
  const [input] = inputs;
  if (!input || inputs.length > 1) {
    throw inputError(
      `has ${inputs.length} inputs (${inputs.map(({ name }) => name).join(', ')}) instead of one`,
    );
  }
  const { type, shape = [] } = input;
  const shown = `[${shape.map((size) => (size === '' ? '?' : size)).join(', ')}]`;
  if (type !== 'float32') throw inputError(`wants ${type ?? 'no tensor'} instead of float32`);
  const [batch, channels, height, width] = shape;
  if (shape.length !== 4 || height === undefined || width === undefined) {
    throw inputError(`wants an input of ${shown} instead of [1, 3, height, width]`);
  }
  if (isOther(batch, 1)) throw inputError(`wants ${batch} pictures at once instead of one`);
  if (isOther(channels, 3)) {
    const hint = width === 3 ? ' (the colours stand last)' : '';
    throw inputError(`wants an input of ${shown} instead of [1, 3, height, width]${hint}`);
  }
  const size = {
    width: typeof width === 'number' ? width : openSize,
    height: typeof height === 'number' ? height : openSize,
  };
  if (Object.values(size).some((pixels) => pixels < sizeMin || pixels > sizeMax)) {
    throw inputError(
      `wants pictures of ${size.width}×${size.height}, outside ${sizeMin} to ${sizeMax} pixels`,
    );
  }
  return size;
}

function isOther(size: number | string | undefined, wanted: number): boolean {
  return typeof size === 'number' && size !== wanted;
}

function inputError(what: string): ModelError {
  return new ModelError('input', `ONNX_MODEL: the model ${what}: ${remedy}`);
}

/** How an answer is laid out: for each of its `places` four numbers of a box, perhaps objectness, and the classes. */
export type OutputLayout = {
  places: number;
  classes: number;
  objectness: boolean;
  /** All places of a value stand together (YOLOv8), not all values of a place (YOLOv5). */
  byValue: boolean;
};

/**
 * The layout of an answer that the model really gave, for so many labels: [1, 4 + classes, places] as YOLOv8 has it,
 * the same transposed, or [1, places, 5 + classes] with objectness as YOLOv5 has it.
 *
 * @throws {ModelError} `output`
 */
export function outputLayoutOf(type: string, dims: readonly number[], labels: number): OutputLayout {
  const [batch, rows, columns] = dims;
  const shown = `[${dims.join(', ')}]`;
  if (type !== 'float32') throw outputError(`answers ${type} instead of float32`);
  if (dims.length !== 3 || batch !== 1 || rows === undefined || columns === undefined) {
    throw outputError(`answers ${shown}, which is not YOLO-shaped`);
  }
  if (rows === 4 + labels) return { places: columns, classes: labels, objectness: false, byValue: true };
  if (columns === 5 + labels) return { places: rows, classes: labels, objectness: true, byValue: false };
  if (columns === 4 + labels) return { places: rows, classes: labels, objectness: false, byValue: false };
  const values = Math.min(rows, columns);
  if (values < 5) throw outputError(`answers ${shown}, which is not YOLO-shaped`);
  const suits =
    columns < rows ? `${values - 4} classes, or ${values - 5} with objectness` : `${values - 4} classes`;
  throw new ModelError(
    'output',
    `ONNX_MODEL and ONNX_LABELS do not go together: the model answers ${shown}, which suits ${suits}, and the label ` +
      `file has ${labels} names. Use the label file that came with the model; if it did, ${remedy}`,
  );
}

function outputError(what: string): ModelError {
  return new ModelError('output', `ONNX_MODEL: the model ${what}: ${remedy}`);
}
