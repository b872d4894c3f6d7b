import { describe, expect, it } from '@jest/globals';
import { createRelayOutput } from './relay-output.ts';
import type { RelayFrame } from './relay-output.ts';

/** A reader that can stop reading. */
function createReader() {
  const written: string[] = [];
  const reader = {
    written,
    writableLength: 0,
    write: (data: Buffer) => written.push(data.toString()),
    cork: () => undefined,
    uncork: () => undefined,
  };
  return reader;
}

function frame(text: string): RelayFrame {
  const data = Buffer.from(text);
  return { data, start: 0, end: data.length };
}

const key = { startsUnit: true, isEntry: true };
const other = { startsUnit: true, isEntry: false };

describe('createRelayOutput', () => {
  it('starts a reader at the last key frame, with the packets before it in its access unit', () => {
    const output = createRelayOutput();
    output.video(frame('P0 '), other);
    output.other(frame('early sound '));
    output.video(frame('I1 '), key);
    output.video(frame('P1 '), other);
    output.video(frame('SPS '), other);
    output.video(frame('I2 '), { startsUnit: false, isEntry: true });
    output.other(frame('sound '));
    output.video(frame('P2 '), other);
    const reader = createReader();
    output.attach(reader);
    output.video(frame('P3 '), other);
    output.flush();
    expect(reader.written.join('')).toBe('SPS I2 sound P2 P3 ');
  });

  it('drops a reader that falls behind to the next key frame after it has caught up', () => {
    const output = createRelayOutput();
    const reader = createReader();
    output.attach(reader);
    output.video(frame('I1 '), key);
    output.flush();
    reader.writableLength = 5 * 1024 * 1024;
    output.video(frame('P1 '), other);
    output.video(frame('I2 '), key);
    reader.writableLength = 0;
    output.video(frame('P2 '), other);
    output.video(frame('I3 '), key);
    output.flush();
    expect(reader.written.join('')).toBe('I1 I3 ');
    expect(output.droppedFrames).toBe(3);
  });

  it('holds at most 8 MiB for a reader, and then waits for a key frame', () => {
    const output = createRelayOutput();
    output.video(frame('I1 '), key);
    const large = frame('x'.repeat(1024 * 1024));
    for (let i = 0; i < 9; i += 1) output.video(large, other);
    output.video(frame('P1 '), other);
    const reader = createReader();
    output.attach(reader);
    output.video(frame('I2 '), key);
    output.flush();
    expect(reader.written.join('')).toBe('I2 ');
  });

  it('serves a second reader from a key frame on', () => {
    const output = createRelayOutput();
    output.video(frame('I1 '), key);
    output.attach(createReader());
    output.detach();
    output.video(frame('P1 '), other);
    output.video(frame('I2 '), key);
    const reader = createReader();
    output.attach(reader);
    expect(reader.written.join('')).toBe('I2 ');
  });

  it('writes adjacent frames of one buffer at once', () => {
    const output = createRelayOutput();
    const reader = createReader();
    output.attach(reader);
    const data = Buffer.from('I1P1P2');
    output.video({ data, start: 0, end: 2 }, key);
    output.video({ data, start: 2, end: 4 }, other);
    output.video({ data, start: 4, end: 6 }, other);
    output.flush();
    expect(reader.written).toEqual(['I1P1P2']);
  });
});
