import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Environment, Variable, Variables } from '@camplane/service-kit/environment';
import { loggingVariables } from '@camplane/service-kit/logging-variables';
import { toolVariables } from '@camplane/service-kit/tool-variables';
import type { z } from 'zod';
import { code, markdownTable, pageHead } from './markdown-table.ts';

/** The environments that the services of a repository declare, in the order of their names. */
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

/** Every variable that is known anywhere: of services, and of the targets of the Makefile. */
export function declaredNames(environments: readonly Environment<Variables>[]): Set<string> {
  return new Set([
    ...environments.flatMap(({ variables }) => Object.keys(variables)),
    ...Object.keys(toolVariables),
  ]);
}

/** docs/reference/environment.md */
export function environmentPage(environments: readonly Environment<Variables>[]): string {
  const common = Object.keys(loggingVariables);
  const sections = environments.map(({ service, variables }) => {
    const own = Object.entries(variables).filter(([name]) => !common.includes(name));
    return `## ${service}\n\n${variableTable(own)}\n`;
  });
  const tools = Object.entries(toolVariables).map(([name, variable]) => [
    code(name),
    code(variable.default),
    variable.description,
  ]);
  return `${pageHead('Environment variables', "the services' `environment.ts`")}
A service reads its environment once, when it starts. An empty value counts as not set. A value that is not valid, and a variable that begins with \`CAMPLANE_\` and is not known, end the start with a message that names it.

## Every service

${variableTable(Object.entries(loggingVariables))}

${sections.join('\n')}
## The targets of the Makefile

${markdownTable(['Variable', 'Default', 'Meaning'], tools)}
`;
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

/** The description that a ready-made schema carries, also inside `.optional()` and its like. */
function describeValue(schema: z.ZodType): string {
  const own = schema.meta()?.description;
  if (own !== undefined) return own;
  const { innerType } = schema.def as { innerType?: z.ZodType };
  return innerType ? describeValue(innerType) : 'text';
}

function isOptional(schema: z.ZodType): boolean {
  return schema.safeParse(undefined).success;
}
