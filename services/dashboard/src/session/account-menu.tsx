import { useEffect, useId, useRef, useState } from 'react';
import type { RefObject } from 'react';
import { useApp, usePermits, useSession } from '../app-context.tsx';
import { noAuditFilter } from '../audit/audit-filter.ts';
import { messageOf } from '../api/message-of.ts';
import { Icon } from '../interface/icon.tsx';
import { RouteLink } from '../routing/route-link.tsx';
import type { Route } from '../routing/route.ts';

/** Account, administration and sign-out. Absent without access control; whom a proxy signs in, it signs out. */
export function AccountMenu({ route }: { route: Route }) {
  const { session, navigation, announce } = useApp();
  const { method, username, displayName } = useSession();
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const menuId = useId();
  useEffect(() => setOpen(false), [route]);
  useClosing(root, open, () => setOpen(false));
  if (method === 'none') return null;
  const name = displayName === '' ? (username ?? '') : displayName;

  const signOut = async () => {
    try {
      await session.signOut();
      // The next user starts at the grid, not at an address of this one.
      navigation.go({ page: 'cameras' }, { replace: true });
    } catch (error) {
      announce(`Not signed out. ${messageOf(error)}`);
    }
  };

  return (
    <div
      ref={root}
      className="account-menu"
      onKeyDown={({ key }) => {
        if (key !== 'Escape' || !open) return;
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        ref={button}
        type="button"
        className="account-button"
        aria-expanded={open}
        aria-controls={menuId}
        onClick={() => setOpen(!open)}
      >
        <Icon name="user" />
        <span className="account-name">{name}</span>
        <span className="visually-hidden">, account menu</span>
      </button>
      <div id={menuId} className="account-list" hidden={!open}>
        {username !== null && (
          <p className="muted">
            Signed in as <strong>{username}</strong>
          </p>
        )}
        <MenuLinks route={route} />
        {method !== 'proxy' && (
          <button type="button" className="button" onClick={() => void signOut()}>
            Sign out
          </button>
        )}
      </div>
    </div>
  );
}

function MenuLinks({ route }: { route: Route }) {
  const permits = usePermits();
  const manages = permits.installation('user.manage');
  const links: [string, Route, boolean][] = [
    ['Account', { page: 'account', camera: null }, true],
    ['Users', { page: 'users' }, manages],
    ['Roles', { page: 'roles' }, manages],
    ['Audit log', { page: 'audit', filter: noAuditFilter }, permits.installation('audit.view')],
  ];
  return (
    <ul>
      {links
        .filter(([, , shown]) => shown)
        .map(([text, to]) => (
          <li key={text}>
            <RouteLink to={to} aria-current={route.page === to.page ? 'page' : undefined}>
              {text}
            </RouteLink>
          </li>
        ))}
    </ul>
  );
}

/** Closes on a click or a focus elsewhere. */
function useClosing(root: RefObject<HTMLElement | null>, open: boolean, close: () => void): void {
  useEffect(() => {
    if (!open) return;
    const stop = new AbortController();
    const check = ({ target }: Event) => {
      if (target instanceof Node && root.current?.contains(target) !== true) close();
    };
    document.addEventListener('pointerdown', check, { signal: stop.signal });
    document.addEventListener('focusin', check, { signal: stop.signal });
    return () => stop.abort();
  });
}
