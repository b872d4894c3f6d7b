import { writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { BenchResult } from './bench-result.ts';
import { measureClusterStart } from './cluster-start.ts';
import { measureDetection } from './detection.ts';
import { measureKafkaPath } from './kafka-path.ts';
import { measureKills } from './kills.ts';
import { measureLatency } from './latency.ts';
import { measureLiveJpeg } from './live-jpeg.ts';
import { measureManyCameras } from './many-cameras.ts';
import { measureMediaHook } from './media-hook.ts';
import { measureMemory } from './memory.ts';
import { measureOperatorScale } from './operator-scale.ts';
import { measureOverlay } from './overlay.ts';
import { measureStart } from './start.ts';
import { formatTable } from './table.ts';

const benches: Record<string, () => Promise<BenchResult>> = {
  P1: measureLatency,
  P4: measureStart,
  'P4-cluster': measureClusterStart,
  P5: measureManyCameras,
  P6: measureDetection,
  P7: measureLiveJpeg,
  P8: measureKafkaPath,
  P9: measureOperatorScale,
  P10: measureOverlay,
  P12: measureMemory,
  P15: measureMediaHook,
  F1: measureKills,
};

const only = process.env['ONLY'];
const chosen = Object.entries(benches).filter(([id]) => only === undefined || only === '' || id === only);
if (chosen.length === 0) {
  process.stderr.write(`unknown bench '${only}': choose one of ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}

const results: BenchResult[] = [];
for (const [id, measure] of chosen) {
  process.stderr.write(`measuring ${id} …\n`);
  const result = await measure();
  results.push(result);
  process.stdout.write(`${formatTable(result)}\n`);
}
const file = fileURLToPath(new URL('../results.json', import.meta.url));
const machine = { cores: availableParallelism(), loadAverage: loadavg()[0], node: process.version };
await writeFile(
  file,
  `${JSON.stringify({ measuredAt: new Date().toISOString(), machine, results }, null, 2)}\n`,
);
process.stderr.write(`written to ${file}\n`);
