import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Environment, Variable, Variables } from '@camplane/service-kit/environment';
import { loggingVariables } from '@camplane/service-kit/logging-variables';
import { toolVariables } from '@camplane/service-kit/tool-variables';
import type { z } from 'zod';
import { code, markdownTable, pageHead } from './markdown-table.ts';

/** The environments of all services of a repository, by name. */
export async function declaredEnvironments(root: string): Promise<Environment<Variables>[]> {
  const environments: Environment<Variables>[] = [];
  for (const service of readdirSync(join(root, 'services')).sort()) {
    const file = join(root, 'services', service, 'src', 'environment.ts');
    if (!existsSync(file)) continue;
    const module = (await import(pathToFileURL(file).href)) as { environment?: Environment<Variables> };
    if (!module.environment) throw new Error(`services/${service}/src/environment.ts exports no environment`);
    environments.push(module.environment);
  }
  return environments;
}

/** Every declared variable: of services and of the Makefile's targets. */
export function declaredNames(environments: readonly Environment<Variables>[]): Set<string> {
  return new Set([
    ...environments.flatMap(({ variables }) => Object.keys(variables)),
    ...Object.keys(toolVariables),
  ]);
}

/** docs/reference/environment.md */
export function environmentPage(environments: readonly Environment<Variables>[]): string {
  const shared = sharedVariables(environments);
  const sections = environments.map((environment) => section(environment, environments, shared));
  const tools = Object.entries(toolVariables).map(([name, variable]) => [
    code(name),
    code(variable.default),
    variable.description,
  ]);
  const services = (name: string) =>
    environments.filter((one) => !one.composition && name in one.variables).map(({ service }) => service);
  return `${pageHead('Environment variables', "the services' `environment.ts`")}
A service reads its environment once, at its start. An empty value counts as not set. An invalid value, or an unknown variable with the prefix \`CAMPLANE_\`, is fatal: the error names it.

## Every service

${variableTable(Object.entries(loggingVariables))}

## Several services

${variableTable(
  [...shared].map(([name, variable]): [string, Variable<unknown>] => [
    name,
    { ...variable, description: `${variable.description} Read by ${listOf(services(name))}.` },
  ]),
)}

${sections.join('\n')}
## Makefile targets and command line

${markdownTable(['Variable', 'Default', 'Meaning'], tools)}
`;
}

/** Variables that more than one service declares, other than those of every service. */
function sharedVariables(environments: readonly Environment<Variables>[]): Map<string, Variable<unknown>> {
  const seen = new Map<string, Variable<unknown>>();
  const shared = new Map<string, Variable<unknown>>();
  for (const { variables, composition } of environments) {
    if (composition) continue;
    for (const [name, variable] of Object.entries(variables)) {
      if (name in loggingVariables) continue;
      if (seen.has(name)) shared.set(name, variable);
      else seen.set(name, variable);
    }
  }
  return shared;
}

function section(
  { service, variables, composition }: Environment<Variables>,
  environments: readonly Environment<Variables>[],
  shared: ReadonlyMap<string, Variable<unknown>>,
): string {
  const parts = environments.filter((one) => composition?.services.includes(one.service) === true);
  const inherited = new Set(parts.flatMap((part) => Object.keys(part.variables)));
  const own = Object.entries(variables).filter(
    ([name]) => !(name in loggingVariables) && !shared.has(name) && !inherited.has(name),
  );
  const table = own.length > 0 ? `${variableTable(own)}\n` : '';
  return `## ${service}\n\n${table}${remarks()}`;

  function remarks(): string {
    if (composition) {
      const names = parts.map((part) => `[${part.service}](#${part.service})`);
      return `\nAlso reads the variables of ${listOf(names)}, except those it sets itself: ${listOf(composition.fixed.map(code))}.\n`;
    }
    const also = [...shared.keys()].filter((name) => name in variables).map(code);
    return also.length > 0 ? `\nAlso reads ${listOf(also)}.\n` : '';
  }
}

function listOf(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

function variableTable(variables: [string, Variable<unknown>][]): string {
  return markdownTable(
    ['Variable', 'Value', 'Default', 'Meaning'],
    variables.map(([name, variable]) => [
      code(name),
      describeValue(variable.schema),
      variable.default === undefined
        ? isOptional(variable.schema)
          ? 'not set'
          : 'required'
        : code(variable.default),
      [
        variable.description,
        variable.example === undefined ? '' : `Example: ${code(variable.example)}.`,
        variable.secret === true ? 'Secret: never logged.' : '',
      ]
        .filter((sentence) => sentence !== '')
        .join(' '),
    ]),
  );
}

/** The description in the schema's metadata, also inside `.optional()` and similar wrappers. */
function describeValue(schema: z.ZodType): string {
  const own = schema.meta()?.description;
  if (own !== undefined) return own;
  const { innerType } = schema.def as { innerType?: z.ZodType };
  return innerType ? describeValue(innerType) : 'text';
}

function isOptional(schema: z.ZodType): boolean {
  return schema.safeParse(undefined).success;
}
