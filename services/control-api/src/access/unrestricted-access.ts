import type { Access } from './access.ts';
import type { Principal } from './principal.ts';

export const unrestricted: Principal = { kind: 'unrestricted', name: 'owner' };

/** Access control that allows everything (`CAMPLANE_AUTH=none`). Changes are still audited. */
export function unrestrictedAccess({ audit }: Pick<Access, 'audit'>): Access {
  return {
    prepare: () => Promise.resolve(),
    authenticate: () => unrestricted,
    principalOfToken: () => unrestricted,
    refresh: (principal) => principal,
    isLoaded: () => true,
    onChange: () => () => {},
    audit,
  };
}
