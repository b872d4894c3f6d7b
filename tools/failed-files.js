// Prints the failed test files of a jest report, one per line.
import { existsSync, readFileSync } from 'node:fs';

const [, , report] = process.argv;
if (report !== undefined && existsSync(report)) {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  for (const { name, status } of testResults) if (status === 'failed') console.log(name);
}
