/**
 * Writes ONNX files for tests: the few messages of onnx.proto (the ONNX project, "Open Neural Network Exchange
 * Intermediate Representation") that a small graph needs, in protobuf's wire format.
 */

export const elementTypes = { float32: 1, uint8: 2, int64: 7, float16: 10 } as const;
export type ElementType = keyof typeof elementTypes;

/** A number, or the name of a dimension that is known only when the model runs. */
export type Dimension = number | string;

export type Value = { name: string; type: ElementType; shape: readonly Dimension[] };
export type Attribute = { name: string; value: number | string | readonly number[] };
export type Node = {
  op: string;
  inputs: readonly string[];
  output: string;
  attributes?: readonly Attribute[];
};
export type Constant = { name: string; shape: readonly number[]; data: Float32Array | BigInt64Array };

export type Graph = {
  nodes: readonly Node[];
  constants?: readonly Constant[];
  inputs: readonly Value[];
  outputs: readonly Value[];
};

const irVersion = 8;
const opsetVersion = 13;

export function onnxFile(graph: Graph): Buffer {
  return Buffer.concat([
    numberField(1, irVersion),
    textField(2, 'camplane-tests'),
    messageField(7, graphMessage(graph)),
    messageField(8, [textField(1, ''), numberField(2, opsetVersion)]),
  ]);
}

function graphMessage({ nodes, constants = [], inputs, outputs }: Graph): Buffer[] {
  return [
    ...nodes.map((node) => messageField(1, nodeMessage(node))),
    textField(2, 'graph'),
    ...constants.map((constant) => messageField(5, tensorMessage(constant))),
    ...inputs.map((value) => messageField(11, valueMessage(value))),
    ...outputs.map((value) => messageField(12, valueMessage(value))),
  ];
}

function nodeMessage({ op, inputs, output, attributes = [] }: Node): Buffer[] {
  return [
    ...inputs.map((name) => textField(1, name)),
    textField(2, output),
    textField(3, `make-${output}`),
    textField(4, op),
    ...attributes.map((attribute) => messageField(5, attributeMessage(attribute))),
  ];
}

/** Whole numbers, text and lists of whole numbers; the type is in field 20. */
function attributeMessage({ name, value }: Attribute): Buffer[] {
  if (typeof value === 'number') return [textField(1, name), numberField(3, value), numberField(20, 2)];
  if (typeof value === 'string') return [textField(1, name), textField(4, value), numberField(20, 3)];
  return [textField(1, name), ...value.map((number) => numberField(8, number)), numberField(20, 7)];
}

function tensorMessage({ name, shape, data }: Constant): Buffer[] {
  const type = data instanceof Float32Array ? elementTypes.float32 : elementTypes.int64;
  return [
    ...shape.map((size) => numberField(1, size)),
    numberField(2, type),
    textField(8, name),
    bytesField(9, Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

function valueMessage({ name, type, shape }: Value): Buffer[] {
  const dimensions = shape.map((size) =>
    messageField(1, [typeof size === 'number' ? numberField(1, size) : textField(2, size)]),
  );
  const tensorType = [numberField(1, elementTypes[type]), messageField(2, dimensions)];
  return [textField(1, name), messageField(2, [messageField(1, tensorType)])];
}

function messageField(field: number, parts: readonly Buffer[]): Buffer {
  return bytesField(field, Buffer.concat(parts));
}

function textField(field: number, text: string): Buffer {
  return bytesField(field, Buffer.from(text));
}

function bytesField(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.byteLength), bytes]);
}

function numberField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

/** Seven bits a byte, lowest first; the top bit says that more follow. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    const more = rest >= 0x80;
    bytes.push((rest % 0x80) + (more ? 0x80 : 0));
    rest = Math.floor(rest / 0x80);
  } while (rest > 0);
  return Buffer.from(bytes);
}
