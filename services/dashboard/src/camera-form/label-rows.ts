import { cameraLabelsMax, cameraLabelsSchema } from '@camplane/contracts/camera-labels';
import type { CameraLabels } from '@camplane/contracts/camera-labels';

export type LabelRow = { key: string; value: string };

export const labelRowsMax = cameraLabelsMax;

export function rowsOf(labels: CameraLabels): LabelRow[] {
  return Object.entries(labels).map(([key, value]) => ({ key, value }));
}

/** Empty rows are left out. Of rows with the same key the last one counts; `labelError` refuses those. */
export function labelsOf(rows: readonly LabelRow[]): CameraLabels {
  return Object.fromEntries(filledRows(rows).map(({ key, value }) => [key, value]));
}

/** What is wrong with the rows, for people; null if nothing is. */
export function labelError(rows: readonly LabelRow[]): string | null {
  const filled = filledRows(rows);
  if (filled.some(({ key }) => key === '')) return 'a value needs a name';
  const twice = filled.find(({ key }, index) => filled.findIndex((row) => row.key === key) < index);
  if (twice) return `${twice.key} is there twice`;
  const issue = cameraLabelsSchema.safeParse(labelsOf(rows)).error?.issues[0];
  if (!issue) return null;
  const name = issue.path.map(String).join('.');
  const cause = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return name === '' ? cause : `${name}: ${cause === 'Invalid input' ? valueRule : cause}`;
}

const valueRule =
  'must begin and end with a letter or digit, with hyphens, dots and underscores between, or be empty';

function filledRows(rows: readonly LabelRow[]): LabelRow[] {
  return rows
    .map(({ key, value }) => ({ key: key.trim(), value: value.trim() }))
    .filter(({ key, value }) => key !== '' || value !== '');
}
