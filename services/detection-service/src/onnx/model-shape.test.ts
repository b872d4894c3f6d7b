import { describe, expect, it } from '@jest/globals';
import { ModelError } from './model-error.ts';
import { inputSizeOf, outputLayoutOf } from './model-shape.ts';
import type { ValueMetadata } from './model-shape.ts';

const input = (shape: (number | string)[], type = 'float32'): ValueMetadata[] => [
  { name: 'images', type, shape },
];

describe('inputSizeOf', () => {
  it.each<[string, (number | string)[], { width: number; height: number }]>([
    ['fixed', [1, 3, 480, 640], { width: 640, height: 480 }],
    ['open in its batch', ['batch', 3, 320, 320], { width: 320, height: 320 }],
    ['open in everything', ['batch', 'channels', 'height', 'width'], { width: 640, height: 640 }],
    ['open without names', ['', 3, '', ''], { width: 640, height: 640 }],
  ])('returns the size of the image where it is %s', (_, shape, size) => {
    expect(inputSizeOf(input(shape))).toEqual(size);
  });

  it.each<[string, ValueMetadata[], RegExp]>([
    ['no input', [], /0 inputs/],
    [
      'two inputs',
      [...input([1, 3, 64, 64]), { name: 'sizes', type: 'int64', shape: [1, 2] }],
      /2 inputs \(images, sizes\)/,
    ],
    ['half precision', input([1, 3, 64, 64], 'float16'), /float16 instead of float32/],
    ['bytes', input([1, 3, 64, 64], 'uint8'), /uint8 instead of float32/],
    ['a value other than a tensor', [{ name: 'images' }], /no tensor/],
    ['channels last', input([1, 64, 64, 3]), /\[1, 64, 64, 3\].*channels are last/],
    ['grey', input([1, 1, 64, 64]), /\[1, 1, 64, 64\]/],
    ['a fixed batch', input([8, 3, 64, 64]), /batch size of 8/],
    ['three dimensions', input([3, 64, 64]), /\[3, 64, 64\]/],
    ['no dimension', input([]), /\[\]/],
    ['no size', input([1, 3, 0, 0]), /0×0/],
    ['a giant size', input([1, 3, 100_000, 64]), /64×100000/],
    ['a size that is not a number', input([1, 3, NaN, 64]), /64×NaN/],
  ])('is refused with %s', (_, inputs, message) => {
    expect(() => inputSizeOf(inputs)).toThrow(ModelError);
    expect(() => inputSizeOf(inputs)).toThrow(message);
    expect(() => inputSizeOf(inputs)).toThrow(/^ONNX_MODEL: .*export it as/);
  });
});

describe('outputLayoutOf', () => {
  it.each<[string, number[], number, object]>([
    ['of YOLOv8', [1, 84, 8400], 80, { anchors: 8400, objectness: false, byValue: true }],
    ['of YOLOv8 transposed', [1, 8400, 84], 80, { anchors: 8400, objectness: false, byValue: false }],
    ['of YOLOv5', [1, 25_200, 85], 80, { anchors: 25_200, objectness: true, byValue: false }],
    ['with one class', [1, 5, 8400], 1, { anchors: 8400, objectness: false, byValue: true }],
    ['of YOLOv5 with one class', [1, 25_200, 6], 1, { anchors: 25_200, objectness: true, byValue: false }],
  ])('%s is understood', (_, dims, labels, layout) => {
    expect(outputLayoutOf('float32', dims, labels)).toEqual({ classes: labels, ...layout });
  });

  it.each<[string, number[], number, RegExp]>([
    ['of a classifier', [1, 1000], 1000, /not YOLO-shaped/],
    ['of a segmentation', [1, 21, 64, 64], 21, /not YOLO-shaped/],
    ['for several images', [4, 84, 8400], 80, /not YOLO-shaped/],
    ['without room for boxes', [1, 3, 8400], 1, /not YOLO-shaped/],
    ['for fewer labels', [1, 84, 8400], 81, /means 80 classes, but the label file has 81 names/],
    ['for more labels', [1, 84, 8400], 3, /means 80 classes, but the label file has 3 names/],
    ['transposed for fewer labels', [1, 25_200, 85], 82, /means 81 classes, or 80 with objectness/],
    ['after NMS', [1, 300, 6], 80, /without NMS/],
  ])('%s is refused', (_, dims, labels, message) => {
    expect(() => outputLayoutOf('float32', dims, labels)).toThrow(ModelError);
    expect(() => outputLayoutOf('float32', dims, labels)).toThrow(message);
    expect(() => outputLayoutOf('float32', dims, labels)).toThrow(/ONNX_MODEL/);
  });

  it('rejects half precision', () => {
    expect(() => outputLayoutOf('float16', [1, 84, 8400], 80)).toThrow(/float16 instead of float32/);
  });
});
