/**
 * Lists phrases and names that this project does not use, with a better wording for each:
 *
 *   node tools/rules/src/prose.ts [PATH…]   paths from the root; without any: everything
 *   node tools/rules/src/prose.ts --count   hits per folder
 */
import { join } from 'node:path';
import { proseComplaints } from './prose-rules.ts';
import { readRepository } from './repository.ts';

const paths = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const repository = readRepository(join(import.meta.dirname, '../../..'));
const complaints = proseComplaints(
  repository,
  (path) => paths.length === 0 || paths.some((prefix) => path.startsWith(prefix.replace(/^\.\//, ''))),
);
if (process.argv.includes('--count')) printCounts();
else for (const complaint of complaints) console.log(complaint);
console.log(`${complaints.length} phrases or names to rewrite`);
process.exitCode = complaints.length > 0 ? 1 : 0;

function printCounts(): void {
  const counts = new Map<string, number>();
  for (const complaint of complaints) {
    const [path = ''] = complaint.split(':', 1);
    const folder = path.split('/').slice(0, 2).join('/');
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  for (const [folder, count] of counts) console.log(`${String(count).padStart(5)}  ${folder}`);
}
