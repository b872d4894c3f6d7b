import { builtInRoles } from '@camplane/contracts/access';
import type { Role } from '@camplane/contracts/access';
import { CamplaneError } from '@camplane/contracts/problem';
import { eq } from 'drizzle-orm';
import type { Handlers } from '../http/api-router.ts';
import { roleTable } from '../store/access-schema.ts';
import type { Identity } from './identity.ts';
import type { IdentityStore } from './identity-store.ts';

/** The operations on roles. */
export function roleHandlers(
  store: IdentityStore,
): Pick<Handlers, 'listRoles' | 'replaceRole' | 'deleteRole'> {
  return {
    listRoles: async () => ({ answer: { items: rolesOf(store.current()) } }),
    replaceRole: async ({ id: name, body: { permissions } }) => {
      refuseBuiltIn(name);
      const role = { name, permissions: [...new Set(permissions)] };
      await store.change(async (tx) => {
        await tx.insert(roleTable).values(role).onConflictDoUpdate({ target: roleTable.name, set: role });
      });
      return { answer: { ...role, builtIn: false } };
    },
    deleteRole: async ({ id: name }) => {
      refuseBuiltIn(name);
      await store.change(async (tx, identity) => {
        if (!identity.roles.has(name))
          throw new CamplaneError('role-not-found', `No role has the name '${name}'`);
        refuseUsed(identity, name);
        await tx.delete(roleTable).where(eq(roleTable.name, name));
      });
      return 'empty';
    },
  };
}

/** Built-in roles first, the others by name. */
function rolesOf({ roles }: Identity): Role[] {
  const all = [...roles].map(([name, permissions]) => ({
    name,
    permissions: [...permissions],
    builtIn: isBuiltIn(name),
  }));
  const own = all.filter(({ builtIn }) => !builtIn).sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...all.filter(({ builtIn }) => builtIn), ...own];
}

function isBuiltIn(name: string): boolean {
  return Object.hasOwn(builtInRoles, name);
}

function refuseBuiltIn(name: string): void {
  if (!isBuiltIn(name)) return;
  throw new CamplaneError('role-built-in', `The role ${name} is built in: add a role with another name`);
}

function refuseUsed({ users }: Identity, name: string): void {
  const holders = [...users.values()].filter(({ grants }) => grants.some(({ role }) => role === name));
  if (holders.length === 0) return;
  const names = holders.slice(0, 5).map(({ username }) => username);
  const rest = holders.length > names.length ? ` and ${holders.length - names.length} more` : '';
  throw new CamplaneError(
    'role-in-use',
    `The role ${name} is granted to ${names.join(', ')}${rest}: remove it there first`,
  );
}
