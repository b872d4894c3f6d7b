// Summarises the jest reports of the last run: unstable tests, the slowest files, and `N passed, N failed` as the last
// line, which .tools/test-results/summary.txt also holds. A file that could not be loaded counts as one failure, as
// does a project without a report. Of files that ran twice, the second result counts.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';

const projects = ['unit', 'integration', 'kubernetes', 'e2e', 'cluster'];
const slowestCount = 12;
const results = new URL('../.tools/test-results/', import.meta.url);

let passed = 0;
let failed = 0;
const files = [];

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
    if (last !== file) printUnstable(file, last);
    count(last);
    files.push({ project, name: file.name, seconds: (file.endTime - file.startTime) / 1000 });
  }
}
printTimes();
const summary = `${passed} passed, ${failed} failed`;
writeFileSync(new URL('summary.txt', results), `${summary}\n`);
console.log(summary);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

function readReport(name) {
  const file = new URL(`${name}.json`, results);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

function count({ assertionResults, status }) {
  const passedHere = assertionResults.filter((test) => test.status === 'passed').length;
  const failedHere = assertionResults.length - passedHere;
  passed += passedHere;
  failed += failedHere === 0 && status === 'failed' ? 1 : failedHere;
}

function printUnstable(before, after) {
  for (const test of before.assertionResults) {
    if (test.status === 'passed') continue;
    const now = after.assertionResults.find(({ fullName }) => fullName === test.fullName);
    if (now?.status === 'passed') console.log(`UNSTABLE, passed at the second attempt: ${test.fullName}`);
  }
  if (before.assertionResults.length === 0)
    console.log(`UNSTABLE, could not be loaded at the first attempt: ${before.name}`);
}

/** Seconds per project and of the slowest files, which is where a faster test saves most. */
function printTimes() {
  console.log('\nTest time in seconds, summed over files');
  for (const project of projects) {
    const seconds = files
      .filter((file) => file.project === project)
      .reduce((sum, file) => sum + file.seconds, 0);
    console.log(`${seconds.toFixed(0).padStart(6)}  ${project}`);
  }
  console.log('Slowest files');
  const slowest = files.sort((a, b) => b.seconds - a.seconds).slice(0, slowestCount);
  for (const { name, seconds } of slowest)
    console.log(`${seconds.toFixed(0).padStart(6)}  ${relative(process.cwd(), name)}`);
  console.log();
}
