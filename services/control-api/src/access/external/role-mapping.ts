import { grantSchema } from '@camplane/contracts/access';
import type { Grant } from '@camplane/contracts/access';

/** A group of an issuer or proxy, and what its members may do. */
export type RoleMapping = { group: string; grant: Grant };

export const roleMappingFormat =
  'GROUP=ROLE@SCOPE separated by semicolons, where SCOPE is all, label:KEY=VALUE or cameras:ID,ID';
/** The most grants that a user may have. */
const mappingsMax = 50;
const groupMaxLength = 256;

/**
 * Parses `security=viewer@all; night shift=operator@label:site=north`. A group may contain `=` and `@`: the last `=ROLE@SCOPE`
 * counts.
 *
 * @returns undefined if an entry is not valid, or there are more than 50
 */
export function parseRoleMapping(text: string): RoleMapping[] | undefined {
  const entries = text
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const mapping = entries.map(parseEntry).filter((entry) => entry !== undefined);
  return mapping.length === entries.length && mapping.length <= mappingsMax ? mapping : undefined;
}

function parseEntry(entry: string): RoleMapping | undefined {
  const match = /^(?<group>.+)=\s*(?<role>[a-z0-9-]+)@(?<scope>all|label:[^@;]+|cameras:[^@;=]+)$/.exec(
    entry,
  );
  const { group = '', role, scope = '' } = match?.groups ?? {};
  const grant = grantSchema.safeParse({ role, scope: scopeOf(scope) });
  const trimmed = group.trim();
  if (!grant.success || trimmed === '' || trimmed.length > groupMaxLength) return undefined;
  return { group: trimmed, grant: grant.data };
}

function scopeOf(text: string): unknown {
  const [kind = '', rest = ''] = split(text, ':');
  if (kind === 'cameras') return { kind, ids: rest.split(',').map((id) => id.trim()) };
  if (kind !== 'label') return { kind };
  const [key, value] = split(rest, '=');
  return { kind, key, value };
}

function split(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** The groups that are mapped, in the order of the mapping. Names are compared exactly. */
export function mappedGroups(mapping: readonly RoleMapping[], groups: readonly string[]): string[] {
  return [...new Set(mapping.map(({ group }) => group))].filter((group) => groups.includes(group));
}

export function grantsOfGroups(mapping: readonly RoleMapping[], groups: readonly string[]): Grant[] {
  return mapping.filter(({ group }) => groups.includes(group)).map(({ grant }) => grant);
}
