import { cameraZoo } from '@camplane/camera-simulator/zoo/camera-zoo';
import { outcomeOf } from '@camplane/camera-simulator/zoo/zoo-row';
import type { ZooRow } from '@camplane/camera-simulator/zoo/zoo-row';
import { code, markdownTable, pageHead } from './markdown-table.ts';

/** docs/reference/cameras.md: deviations of real cameras, and what Camplane does about each. */
export function camerasPage(): string {
  const count = cameraZoo.reduce((sum, { rows }) => sum + rows.length, 0);
  const groups = cameraZoo.map(({ title, rows }) => {
    const head = ['Name', 'The camera', 'Camplane', 'Seen at'];
    return `## ${title}\n\n${markdownTable(head, rows.map(cells))}`;
  });
  return `${pageHead('Cameras', '`packages/camera-simulator/src/zoo`')}
${count} deviations of real cameras, and what Camplane does about each. A test plays every one of them over RTSP and HLS, in
the modes and with the sound settings that matter. \`make camera ARGS="--deviation NAME"\` starts a camera that has it.

${groups.join('\n\n')}
`;
}

function cells(row: ZooRow): string[] {
  const notes = [row.handling, unplayable(row), limit(row)].filter((note) => note !== '');
  return [code(row.name), row.deviation, notes.join(' '), row.seenAt.map(link).join(', ')];
}

function unplayable(row: ZooRow): string {
  const outcome = outcomeOf(row, 'copy');
  const isForOthers = outcome.kind === 'plays' && outcome.browser === 'False';
  return isForOthers && !row.handling.includes('BrowserPlayable') ? 'Browsers need mode `transcode`.' : '';
}

function limit(row: ZooRow): string {
  return row.limit === undefined ? '' : `**Limit:** ${row.limit}`;
}

function link(reference: string): string {
  const [repository = '', number = ''] = reference.split('#');
  return `[${reference}](https://github.com/${repository}/issues/${number})`;
}
