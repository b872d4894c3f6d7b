type Json = Record<string, unknown>;
export type OpenApi = {
  paths: Record<string, Record<string, Json>>;
  components: { schemas: Record<string, Json> };
};

/** What a client of an operation may rely on, and what the operation requires of it, as sentences. */
type Contract = { promises: Set<string>; required: Set<string> };

/**
 * What breaks clients of the released document, as `operationId: what was removed or is now required`. Descriptions,
 * limits and patterns are not compared.
 */
export function breakingChanges(released: OpenApi, current: OpenApi): string[] {
  const now = contractsOf(current);
  return [...contractsOf(released)].flatMap(([id, before]) => {
    const after = now.get(id);
    if (!after) return [`${id}: the operation was removed`];
    const lost = [...before.promises].filter((promise) => !after.promises.has(promise));
    const required = [...after.required].filter((name) => !before.promises.has(`${name} is accepted`));
    return [
      ...lost.map((promise) => `${id}: no longer true: ${promise}`),
      ...required.map((name) => `${id}: ${name} is now required`),
    ];
  });
}

/** The changes that no line of the changelog's first section announces: `- **Breaking** \`updateCamera\`: …`. */
export function unannounced(changes: readonly string[], changelog: string): string[] {
  const [, section = ''] = changelog.split(/^## /m);
  const lines = section.split(/^- /m).filter((line) => line.startsWith('**Breaking**'));
  return changes.filter((change) => {
    const [id = ''] = change.split(':', 1);
    return !lines.some((line) => new RegExp(`\\b${id}\\b`).test(line));
  });
}

function contractsOf(document: OpenApi): Map<string, Contract> {
  const contracts = new Map<string, Contract>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      contracts.set(String(operation['operationId']), contractOf(document, `${method} ${path}`, operation));
    }
  }
  return contracts;
}

function contractOf(document: OpenApi, route: string, operation: Json): Contract {
  const contract: Contract = { promises: new Set([`its route is ${route}`]), required: new Set() };
  const walk = walker(document, contract);
  for (const parameter of (operation['parameters'] ?? []) as Json[]) {
    const name = `parameter ${String(parameter['name'])}`;
    contract.promises.add(`${name} is accepted`);
    if (parameter['required'] === true) contract.required.add(name);
    else contract.promises.add(`${name} is optional`);
    walk(parameter['schema'] as Json, name, 'request', 0);
  }
  const body = (operation['requestBody'] as Json | undefined)?.['content'] ?? {};
  for (const [type, { schema }] of Object.entries(body as Record<string, { schema: Json }>)) {
    contract.promises.add(`a body of type ${type} is accepted`);
    walk(schema, 'body', 'request', 0);
  }
  for (const [status, response] of Object.entries(operation['responses'] as Record<string, Json>)) {
    if (Number(status) >= 400) continue;
    contract.promises.add(`it answers ${status}`);
    for (const [type, { schema }] of Object.entries(
      (response['content'] ?? {}) as Record<string, { schema?: Json }>,
    )) {
      contract.promises.add(`it answers ${type}`);
      if (schema) walk(schema, 'answer', 'answer', 0);
    }
  }
  return contract;
}

const depthMax = 20;

function walker({ components }: OpenApi, { promises, required }: Contract) {
  const walk = (given: Json, at: string, side: 'request' | 'answer', depth: number): void => {
    if (depth > depthMax) throw new Error(`the schema is too deep at ${at}`);
    const name = /^#\/components\/schemas\/(\w+)$/.exec(String(given['$ref']))?.[1];
    const schema = name === undefined ? given : (components.schemas[name] ?? {});
    const deeper = (child: unknown, where: string) => walk(child as Json, where, side, depth + 1);
    if (typeof schema['type'] === 'string' && !(side === 'answer' && schema['type'] === 'null')) {
      promises.add(`${at} may be ${schema['type']}`);
    }
    for (const value of (schema['enum'] ??
      [schema['const']].filter((one) => one !== undefined)) as unknown[]) {
      promises.add(`${at} may be ${JSON.stringify(value)}`);
    }
    for (const [property, child] of Object.entries((schema['properties'] ?? {}) as Json)) {
      const where = `${at}.${property}`;
      const isRequired = ((schema['required'] ?? []) as string[]).includes(property);
      promises.add(`${where} is ${side === 'request' ? 'accepted' : 'described'}`);
      if (side === 'request' && isRequired) required.add(where);
      if (side === 'request' && !isRequired) promises.add(`${where} is optional`);
      if (side === 'answer' && isRequired) promises.add(`${where} is always present`);
      deeper(child, where);
    }
    for (const branch of ['anyOf', 'oneOf', 'allOf'].flatMap((key) => (schema[key] ?? []) as Json[]))
      deeper(branch, at);
    if (typeof schema['items'] === 'object') deeper(schema['items'], `${at}[]`);
    if (typeof schema['additionalProperties'] === 'object') deeper(schema['additionalProperties'], `${at}.*`);
  };
  return walk;
}
