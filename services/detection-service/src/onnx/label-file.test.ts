import { describe, expect, it } from '@jest/globals';
import { parseLabels } from './label-file.ts';
import { ModelError } from './model-error.ts';

const parse = (text: string | Uint8Array) => parseLabels(Buffer.from(text), 'coco.txt');

describe('parseLabels', () => {
  it.each<[string, string, string[]]>([
    ['one name per line', 'person\ncar\ndog\n', ['person', 'car', 'dog']],
    ['no line end at the end', 'person\ncar', ['person', 'car']],
    ['line ends of Windows', 'person\r\ncar\r\n', ['person', 'car']],
    ['empty lines at the end', 'person\n\n \n', ['person']],
    ['spaces around and within names', '  traffic light \nstop sign', ['traffic light', 'stop sign']],
    ['a mark of UTF-8 at the beginning', '\uFEFFperson\ncar', ['person', 'car']],
    ['names in any script', 'Fußgänger\n人\n', ['Fußgänger', '人']],
  ])('is read with %s', (_, text, labels) => {
    expect(parse(text)).toEqual(labels);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['nothing in it', '', /is empty/],
    ['nothing but line ends', '\n\n\n', /is empty/],
    ['an empty line between names', 'person\n\ncar', /empty line between names \(line 2\)/],
    ['a name twice', 'person\ncar\nperson', /repeats the name in line 1 \(line 3\)/],
    ['a name that is too long', `person\n${'x'.repeat(65)}`, /more than 64 characters \(line 2\)/],
    ['control characters', 'per\u0000son', /control characters/],
    ['a JSON list', '["person", "car"]', /JSON or YAML/],
    ['a JSON object', '{\n"0": "person"}', /JSON or YAML/],
    ['YAML', 'names:\n  0: person', /JSON or YAML/],
    ['numbered names', '0: person\n1: car', /JSON or YAML/],
    ['a YAML list', '- person\n- car', /JSON or YAML/],
    ['other bytes than UTF-8', Uint8Array.of(0x70, 0xff, 0xfe), /UTF-8/],
    ['too many bytes', 'x'.repeat(256 * 1024 + 1), /more than 262144 bytes/],
    ['too many lines', 'x\n'.repeat(10_001), /10001 lines/],
  ])('is refused with %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(ModelError);
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).toThrow(/^ONNX_LABELS: coco\.txt .*one class name per line/);
  });
});
