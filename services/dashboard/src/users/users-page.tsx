import type { User } from '@camplane/contracts/access';
import { api } from '../api/client.ts';
import { useCameras, useSession } from '../app-context.tsx';
import { Icon } from '../interface/icon.tsx';
import { LoadFailure } from '../interface/load-failure.tsx';
import { useLoaded } from '../interface/use-loaded.ts';
import { useNow } from '../interface/use-now.ts';
import { RouteLink } from '../routing/route-link.tsx';
import { grantsText } from '../wording/access.ts';
import { coarseAgoText } from '../wording/detection.ts';

async function loadUsers(signal: AbortSignal): Promise<User[]> {
  return (await api.listUsers({}, { signal })).items;
}

export function UsersPage() {
  const { value: users, error, reload } = useLoaded(loadUsers);
  return (
    <div className="form-page">
      <div className="page-head">
        <h1>Users</h1>
        <RouteLink className="button button-primary" to={{ page: 'new-user' }}>
          <Icon name="plus" />
          Add user
        </RouteLink>
      </div>
      <LoadFailure what="The users" error={error} retry={reload} />
      {users === null && error === null && <p className="page-note">Loading users…</p>}
      <ul className="rows rows-boxed">
        {users?.map((user) => (
          <UserRow key={user.id} user={user} />
        ))}
      </ul>
    </div>
  );
}

const signInTexts = { password: '', oidc: ' · OpenID Connect', proxy: ' · proxy' };

function UserRow({ user }: { user: User }) {
  const { cameras } = useCameras();
  const session = useSession();
  const nowMs = useNow();
  const lastLogin =
    user.lastLoginAt === null
      ? 'never signed in'
      : `signed in ${coarseAgoText(Date.parse(user.lastLoginAt), nowMs)}`;
  return (
    <li className="row row-linked">
      <div className="row-text">
        <RouteLink className="row-link" to={{ page: 'user', id: user.id }}>
          <strong>{user.username}</strong>
          {user.displayName !== '' && <span> {user.displayName}</span>}
        </RouteLink>
        <span className="muted">{grantsText(user.grants, cameras ?? [])}</span>
        <span className="muted">
          {lastLogin}
          {signInTexts[user.signIn]}
          {session.userId === user.id && ' · you'}
        </span>
      </div>
      {!user.enabled && <span className="badge badge-quiet">Disabled</span>}
      <Icon name="forward" />
    </li>
  );
}
