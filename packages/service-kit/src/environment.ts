import type { z } from 'zod';
import { loggingVariables } from './logging-variables.ts';
import type { LoggingVariables } from './logging-variables.ts';
import { nearestName } from './nearest-name.ts';
import { redactUrls } from './redact-url.ts';
import { toolVariables } from './tool-variables.ts';

/** One environment variable. The reference page is generated from these fields. */
export type Variable<T> = {
  /** Parses the string, or `undefined` if the variable is not set and has no default. */
  schema: z.ZodType<T>;
  /** As written in the environment. */
  default?: string;
  description: string;
  example?: string;
  /** The value is never printed. */
  secret?: boolean;
};

export type Variables = Record<string, Variable<unknown>>;

export type Environment<S extends Variables> = {
  readonly service: string;
  readonly variables: S;
  /** Of a process that runs several services: whose variables these are, and which of them it sets itself. */
  readonly composition?: { readonly services: readonly string[]; readonly fixed: readonly string[] };
};

export type EnvironmentValues<E extends Environment<Variables>> = {
  readonly [K in keyof E['variables']]: z.output<E['variables'][K]['schema']>;
};

/** Adds the logging variables, unless the environment declares its own. */
export type WithLogging<S extends Variables> = S & Omit<LoggingVariables, keyof S>;

/** Declares the environment of a service, including `LOG_LEVEL` and `LOG_FORMAT`. */
export function defineEnvironment<S extends Variables>(
  service: string,
  variables: S,
): Environment<WithLogging<S>> {
  for (const name of Object.keys(variables)) {
    if (!/^[A-Z][A-Z0-9_]*$/.test(name))
      throw new Error(`${name} is not a valid name for an environment variable`);
  }
  return { service, variables: { ...loggingVariables, ...variables } };
}

/** Lists all problems of an environment, one sentence each. Contains no secret values. */
export class EnvironmentError extends Error {
  readonly service: string;
  readonly problems: readonly string[];

  constructor(service: string, problems: readonly string[]) {
    super(`the environment of ${service} is not valid:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'EnvironmentError';
    this.service = service;
    this.problems = problems;
  }
}

/**
 * Reads the declared variables. An empty string counts as not set. An undeclared key that begins with `CAMPLANE_` is an
 * error: a misspelt setting must not be ignored silently.
 *
 * @throws {EnvironmentError} with every invalid value and every unknown key
 */
export function readEnvironment<E extends Environment<Variables>>(
  environment: E,
  env: NodeJS.ProcessEnv,
): EnvironmentValues<E> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, variable] of Object.entries<Variable<unknown>>(environment.variables)) {
    const given = env[name] === '' ? undefined : env[name];
    const parsed = variable.schema.safeParse(given ?? variable.default);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(describeProblem(name, variable, given, parsed.error));
  }
  const known = [...Object.keys(environment.variables), ...Object.keys(toolVariables)];
  for (const key of Object.keys(env).sort()) {
    if (!key.startsWith('CAMPLANE_') || known.includes(key) || isServiceLink(key, env[key] ?? '')) continue;
    const near = nearestName(key, known) ?? nearestName(key.slice('CAMPLANE_'.length), known);
    problems.push(
      `${key} is not a known variable: ${near === undefined ? 'remove it' : `did you mean ${near}?`}`,
    );
  }
  if (problems.length > 0) throw new EnvironmentError(environment.service, problems);
  return values as EnvironmentValues<E>;
}

function describeProblem(
  name: string,
  variable: Variable<unknown>,
  given: string | undefined,
  error: z.ZodError,
): string {
  const reason = [...new Set(error.issues.map((issue) => issue.message))].join(', and ');
  const hint = variable.example === undefined ? '' : ` (for example ${variable.example})`;
  if (given === undefined) return `${name} is not set, and must be: ${variable.description}${hint}`;
  if (variable.secret === true) {
    // A schema's message may quote the value.
    const safe = reason.replaceAll(given, '***');
    return `${name} ${safe}; its value is secret and not shown`;
  }
  return `${name} ${redactUrls(reason)}, but is ${JSON.stringify(redactUrls(given.slice(0, 100)))}${hint}`;
}

/**
 * Whether Kubernetes set the variable for a Service of the namespace (Service documentation, "Environment variables"):
 * the Service `camplane-edge` yields `CAMPLANE_EDGE_SERVICE_HOST`, `CAMPLANE_EDGE_PORT` and others.
 */
function isServiceLink(key: string, value: string): boolean {
  return (
    /_SERVICE_HOST$|_SERVICE_PORT(_[A-Z0-9_]+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(key) ||
    (key.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value))
  );
}
