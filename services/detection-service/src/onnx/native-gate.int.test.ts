import { describe, expect, it, jest } from '@jest/globals';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { squareLabels, squareModel } from './testing/square-models.ts';

jest.setTimeout(120_000);

const program = fileURLToPath(new URL('./testing/terminate-busy-threads.ts', import.meta.url));

describe('a thread that runs a model', () => {
  // In a separate process: without the gate it aborts, usually with the first thread.
  it('can be terminated without aborting the process', async () => {
    const folder = await createTemporaryFolder();
    try {
      const modelPath = join(folder.path, 'squares.onnx');
      const labelsPath = join(folder.path, 'squares.txt');
      await writeFile(modelPath, squareModel({ width: 640, height: 640 }));
      await writeFile(labelsPath, squareLabels.join('\n'));
      const { stdout } = await promisify(execFile)(process.execPath, [program, modelPath, labelsPath, '5']);
      expect(stdout).toBe('5 threads terminated\n');
    } finally {
      await folder.remove();
    }
  });
});
