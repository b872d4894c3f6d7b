// Prints `N passed, N failed` for the jest reports of the last run. A suite that could not start counts as a failure.
import { existsSync, readFileSync } from 'node:fs';

const projects = ['unit', 'integration'];
let passed = 0;
let failed = 0;
for (const project of projects) {
  const file = new URL(`../.tools/test-results/${project}.json`, import.meta.url);
  if (!existsSync(file)) {
    console.error(`no report of the ${project} tests`);
    failed += 1;
    continue;
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests + report.numRuntimeErrorTestSuites + report.numPendingTests;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
