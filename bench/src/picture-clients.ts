import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { pictureAgeMs } from './picture-time.ts';

/*
 * Clients of the live JPEG bench, in a separate process. Arguments: the address, how many read, how many do not, and the
 * seconds to warm up and to measure. Prints `measuring`, then the ages of the pictures that arrived, as JSON.
 */

const [url = '', reading = '', stalled = '', warmUp = '', measure = ''] = process.argv.slice(2);
let ages: number[] = [];

async function connect(isReading: boolean): Promise<void> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on('message', (data, isBinary) => {
    if (isBinary) ages.push(pictureAgeMs(data as Buffer));
  });
  await once(socket, 'open');
  if (!isReading) socket.pause();
}

for (let count = 0; count < Number(reading); count++) await connect(true);
for (let count = 0; count < Number(stalled); count++) await connect(false);
await delay(Number(warmUp) * 1000);
ages = [];
process.stdout.write('measuring\n');
await delay(Number(measure) * 1000);
process.stdout.write(`${JSON.stringify(ages)}\n`, () => process.exit(0));
