// Prints `N passed, N failed` for the jest reports of the last run. A suite that could not start counts as a failure.
// Of files that were run once more the second outcome counts, and what passed only then is named: it is unstable.
import { existsSync, readFileSync } from 'node:fs';

const projects = ['unit', 'integration', 'kubernetes', 'e2e', 'cluster'];
let passed = 0;
let failed = 0;

for (const project of projects) {
  const first = readReport(project);
  if (first === null) {
    console.error(`no report of the ${project} tests`);
    failed += 1;
    continue;
  }
  const again = new Map(readReport(`${project}-again`)?.testResults.map((file) => [file.name, file]));
  for (const file of first.testResults) {
    const last = again.get(file.name) ?? file;
    if (last !== file) nameUnstable(file, last);
    count(last);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

function readReport(name) {
  const file = new URL(`../.tools/test-results/${name}.json`, import.meta.url);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

function count({ assertionResults, status }) {
  const passedHere = assertionResults.filter((test) => test.status === 'passed').length;
  const failedHere = assertionResults.length - passedHere;
  passed += passedHere;
  // A file may fail without a failed test: it could not be loaded.
  failed += failedHere === 0 && status === 'failed' ? 1 : failedHere;
}

function nameUnstable(before, after) {
  for (const test of before.assertionResults) {
    if (test.status === 'passed') continue;
    const now = after.assertionResults.find(({ fullName }) => fullName === test.fullName);
    if (now?.status === 'passed') console.log(`UNSTABLE, passed at the second attempt: ${test.fullName}`);
  }
  if (before.assertionResults.length === 0)
    console.log(`UNSTABLE, could not be loaded at first: ${before.name}`);
}
