import { describe, expect, it, jest } from '@jest/globals';
import type { DetectionResult } from '@camplane/contracts/detection';
import { createResultSender } from './result-sender.ts';

const result = (sequence: number, cameraId = 'door'): DetectionResult => ({
  cameraId,
  capturedAt: '2026-01-01T00:00:00.000Z',
  sequence,
  frame: { width: 2, height: 2 },
  detectors: ['http'],
  detections: [],
  picture: null,
});

describe('createResultSender', () => {
  it('publishes in order and retries a failed result', async () => {
    const sent: number[] = [];
    let refusals = 1;
    const sender = createResultSender({
      async publish({ sequence }) {
        if (refusals-- > 0) throw new Error('away');
        sent.push(sequence);
      },
      onLost: () => undefined,
    });
    sender.send(result(1));
    sender.send(result(2));
    await sender.close();
    expect(sent).toEqual([1, 2]);
  });

  it('drops and reports results that cannot be published', async () => {
    const onLost = jest.fn();
    const sender = createResultSender({ publish: () => Promise.reject(new Error('away')), onLost });
    for (let sequence = 0; sequence < 20; sequence++) sender.send(result(sequence));
    // Eight of twenty may wait.
    expect(onLost).toHaveBeenCalledTimes(12);
    await sender.close();
    expect(onLost).toHaveBeenCalledTimes(20);
  });
});
