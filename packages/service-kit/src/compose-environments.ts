import { isDeepStrictEqual } from 'node:util';
import { defineEnvironment } from './environment.ts';
import type { Environment, Variable, Variables } from './environment.ts';

type AnyEnvironment = Environment<Variables>;
type Intersection<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void
  ? I
  : never;
type DeclaredBy<E extends readonly AnyEnvironment[]> = Intersection<E[number]['variables']>;
type Composed<All, F> = {
  [K in Exclude<keyof All, F>]: All[K] extends Variable<unknown> ? All[K] : never;
};

/**
 * The environment of a process that runs several services: their variables without those that the process sets
 * itself (`fixed`), and its own. A fixed variable is unknown to the process.
 *
 * @throws where two services give one variable different meanings
 */
export function composeEnvironments<
  const E extends readonly AnyEnvironment[],
  const F extends keyof DeclaredBy<E>,
  S extends Variables,
>(
  service: string,
  { services, fixed, own }: { services: E; fixed: readonly F[]; own: S },
): Environment<Composed<DeclaredBy<E> & S, F>> {
  const merged: Variables = {};
  for (const { service: part, variables } of services) {
    for (const [name, variable] of Object.entries(variables)) {
      const known = merged[name];
      if (known !== undefined && !isDeepStrictEqual(meaningOf(known), meaningOf(variable))) {
        throw new Error(`${part} declares ${name} with another meaning than the services before it`);
      }
      merged[name] = variable;
    }
  }
  const names = fixed.map(String);
  for (const name of names) delete merged[name];
  const { variables } = defineEnvironment(service, { ...merged, ...own });
  return {
    service,
    variables: variables as unknown as Composed<DeclaredBy<E> & S, F>,
    composition: { services: services.map((part) => part.service), fixed: names },
  };
}

function meaningOf({ default: value, description, example, secret }: Variable<unknown>) {
  return { value, description, example, secret };
}
