import { onnxFile } from './onnx-file.ts';
import type { Constant, Dimension, ElementType, Node } from './onnx-file.ts';

/** Side of the squares that the models look for, and of the grid on which they look, in pixels of the input. */
export const cellPx = 16;

export const squareLabels = ['bright', 'red'];

/** `rows`: a column for each place, as YOLOv8 exports it; `columns`: the same transposed; `objectness`: as YOLOv5. */
export type SquareLayout = 'rows' | 'columns' | 'objectness';

export type SquareModelOptions = {
  width: number;
  height: number;
  layout?: SquareLayout;
  /** What the file declares of its input; it computes with the sizes above. */
  inputShape?: readonly Dimension[];
  inputType?: ElementType;
  outputShape?: readonly Dimension[];
};

/** Score of objectness in every cell of the YOLOv5 layout. */
export const objectness = 0.9;

/**
 * A detector in YOLO's form that really looks: each cell of a grid is scored by a convolution for being bright (its
 * mean brightness) and for being red (its mean red above the other colours); its box is the cell.
 */
export function squareModel(options: SquareModelOptions): Buffer {
  const { width, height, layout = 'rows' } = options;
  const cells = Math.floor(width / cellPx) * Math.floor(height / cellPx);
  const parts = layout === 'objectness' ? ['boxes', 'objectness', 'scores'] : ['boxes', 'scores'];
  const channels = parts.length === 3 ? 7 : 6;
  const constants: Constant[] = [
    { name: 'kernels', shape: [2, 3, cellPx, cellPx], data: kernels() },
    { name: 'boxes', shape: [1, 4, cells], data: cellBoxes(width, height) },
    { name: 'objectness', shape: [1, 1, cells], data: new Float32Array(cells).fill(objectness) },
    { name: 'flat', shape: [3], data: BigInt64Array.from([1n, 2n, BigInt(cells)]) },
  ];
  const nodes: Node[] = [
    {
      op: 'Conv',
      inputs: ['images', 'kernels'],
      output: 'raw',
      attributes: [{ name: 'strides', value: [cellPx, cellPx] }],
    },
    { op: 'Relu', inputs: ['raw'], output: 'positive' },
    { op: 'Reshape', inputs: ['positive', 'flat'], output: 'scores' },
    {
      op: 'Concat',
      inputs: parts,
      output: layout === 'rows' ? 'output0' : 'joined',
      attributes: [{ name: 'axis', value: 1 }],
    },
  ];
  if (layout !== 'rows') {
    nodes.push({
      op: 'Transpose',
      inputs: ['joined'],
      output: 'output0',
      attributes: [{ name: 'perm', value: [0, 2, 1] }],
    });
  }
  const outputShape = layout === 'rows' ? [1, channels, cells] : [1, cells, channels];
  return onnxFile({
    nodes,
    constants: constants.filter(({ name }) => name !== 'objectness' || layout === 'objectness'),
    inputs: [
      {
        name: 'images',
        type: options.inputType ?? 'float32',
        shape: options.inputShape ?? [1, 3, height, width],
      },
    ],
    outputs: [{ name: 'output0', type: 'float32', shape: options.outputShape ?? outputShape }],
  });
}

/** A model that hands its input on under another name: whole, and of no use. */
export function echoModel(shape: readonly Dimension[], type: ElementType = 'float32'): Buffer {
  return onnxFile({
    nodes: [{ op: 'Identity', inputs: ['images'], output: 'output0' }],
    inputs: [{ name: 'images', type, shape }],
    outputs: [{ name: 'output0', type, shape }],
  });
}

/** Two inputs, as of models that also want the image's size. */
export function twoInputModel(): Buffer {
  const shape = [1, 3, 32, 32];
  return onnxFile({
    nodes: [{ op: 'Add', inputs: ['images', 'more'], output: 'output0' }],
    inputs: [
      { name: 'images', type: 'float32', shape },
      { name: 'more', type: 'float32', shape },
    ],
    outputs: [{ name: 'output0', type: 'float32', shape }],
  });
}

/** Answers [1, classes], as a classifier does. */
export function classifierModel(): Buffer {
  return onnxFile({
    nodes: [
      { op: 'GlobalAveragePool', inputs: ['images'], output: 'pooled' },
      { op: 'Flatten', inputs: ['pooled'], output: 'output0' },
    ],
    inputs: [{ name: 'images', type: 'float32', shape: [1, 3, 32, 32] }],
    outputs: [{ name: 'output0', type: 'float32', shape: [1, 3] }],
  });
}

/** Answers a score for each place that is NaN: 0 divided by 0. */
export function notANumberModel(): Buffer {
  const cells = 4;
  return onnxFile({
    nodes: [
      {
        op: 'ReduceMean',
        inputs: ['images'],
        output: 'mean',
        attributes: [{ name: 'axes', value: [1, 2, 3] }],
      },
      { op: 'Sub', inputs: ['mean', 'mean'], output: 'zero' },
      { op: 'Div', inputs: ['zero', 'zero'], output: 'bad' },
      { op: 'Reshape', inputs: ['bad', 'one'], output: 'single' },
      { op: 'Add', inputs: ['plain', 'single'], output: 'output0' },
    ],
    constants: [
      { name: 'one', shape: [3], data: BigInt64Array.from([1n, 1n, 1n]) },
      { name: 'plain', shape: [1, 6, cells], data: new Float32Array(6 * cells).fill(1) },
    ],
    inputs: [{ name: 'images', type: 'float32', shape: [1, 3, 32, 32] }],
    outputs: [{ name: 'output0', type: 'float32', shape: [1, 6, cells] }],
  });
}

/** Of each class, one weight for every pixel of a cell: their sum is the mean of the three colours, or of red alone. */
function kernels(): Float32Array {
  const size = cellPx * cellPx;
  const colours = [
    [1 / 3, 1 / 3, 1 / 3],
    [1, -0.5, -0.5],
  ];
  return Float32Array.from(
    colours.flatMap((weights) => weights.flatMap((weight) => Array<number>(size).fill(weight / size))),
  );
}

/** Middle and size of each cell in pixels of the input: all x, then all y, all widths, all heights. */
function cellBoxes(width: number, height: number): Float32Array {
  const columns = Math.floor(width / cellPx);
  const cells = columns * Math.floor(height / cellPx);
  return Float32Array.from({ length: cells * 4 }, (_, index) => {
    const cell = index % cells;
    switch (Math.floor(index / cells)) {
      case 0:
        return ((cell % columns) + 0.5) * cellPx;
      case 1:
        return (Math.floor(cell / columns) + 0.5) * cellPx;
      default:
        return cellPx;
    }
  });
}
