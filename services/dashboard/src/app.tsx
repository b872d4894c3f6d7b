import { useEffect, useRef } from 'react';
import { useCameras, usePermits, useRoute, useSession } from './app-context.tsx';
import { AccountPage } from './account/account-page.tsx';
import { AuditPage } from './audit/audit-page.tsx';
import { CameraPage } from './camera-page/camera-page.tsx';
import { EditCameraPage } from './camera-form/edit-camera-page.tsx';
import { NewCameraPage } from './camera-form/new-camera-page.tsx';
import { DetectionPage } from './detections/detection-page.tsx';
import { DetectionsPage } from './detections/detections-page.tsx';
import { noFilter } from './detections/detection-filter.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { GridPage } from './grid/grid-page.tsx';
import { displayNameOf } from './live/cameras-state.ts';
import type { CamerasState } from './live/cameras-state.ts';
import { RouteLink } from './routing/route-link.tsx';
import { routePath } from './routing/route.ts';
import type { Route } from './routing/route.ts';
import { AccountMenu } from './session/account-menu.tsx';
import { pageAccess } from './session/page-access.ts';
import { RolesPage } from './roles/roles-page.tsx';
import { EditUserPage } from './users/edit-user-page.tsx';
import { NewUserPage } from './users/new-user-page.tsx';
import { UsersPage } from './users/users-page.tsx';
import { WallPage } from './wall/wall-page.tsx';

export function App() {
  const route = useRoute();
  const title = titleOf(route, useCameras());
  const main = useRef<HTMLElement>(null);
  // The focus stays when only the filter changes and when the user steps from one detection to the next.
  const path = route.page === 'detection' ? '/detections/one' : routePath(route).split('?', 1)[0];
  const shownPath = useRef(path);

  useEffect(() => {
    document.title = title;
  }, [title]);
  // On a new page, keyboard and screen reader start at the top.
  useEffect(() => {
    if (shownPath.current !== path) main.current?.focus();
    shownPath.current = path;
  }, [path]);

  return (
    <>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      {route.page !== 'wall' && <Header route={route} />}
      <ConnectionBanner />
      <main id="main" ref={main} tabIndex={-1} className={route.page === 'wall' ? 'main-wall' : undefined}>
        <Page route={route} />
      </main>
    </>
  );
}

function Header({ route }: { route: Route }) {
  const permits = usePermits();
  return (
    <header className="header">
      <RouteLink className="brand" to={{ page: 'cameras' }}>
        <img src="/icon.svg" alt="" width="24" height="24" />
        Camplane
      </RouteLink>
      <nav className="nav" aria-label="Main">
        <NavLink to={{ page: 'cameras' }} current={route.page === 'cameras'}>
          Cameras
        </NavLink>
        {permits.some('detection.view') && (
          <NavLink to={{ page: 'detections', filter: noFilter }} current={route.page === 'detections'}>
            Detections
          </NavLink>
        )}
      </nav>
      <AccountMenu route={route} />
    </header>
  );
}

function NavLink({ to, current, children }: { to: Route; current: boolean; children: string }) {
  return (
    <RouteLink to={to} aria-current={current ? 'page' : undefined}>
      {children}
    </RouteLink>
  );
}

function Page({ route }: { route: Route }) {
  const permits = usePermits();
  const { method } = useSession();
  const { cameras } = useCameras();
  const access = pageAccess(route, permits, { method, cameras });
  if (access === 'no-accounts') return <NoAccounts />;
  if (access === 'refused') return <NotFound />;
  switch (route.page) {
    case 'cameras':
      return <GridPage />;
    case 'wall':
      return <WallPage />;
    case 'new-camera':
      return <NewCameraPage />;
    case 'camera':
      return <CameraPage key={route.id} id={route.id} />;
    case 'edit-camera':
      return <EditCameraPage key={route.id} id={route.id} />;
    case 'detections':
      return <DetectionsPage filter={route.filter} />;
    case 'detection':
      return <DetectionPage id={route.id} />;
    case 'account':
      return <AccountPage camera={route.camera} />;
    case 'users':
      return <UsersPage />;
    case 'new-user':
      return <NewUserPage />;
    case 'user':
      return <EditUserPage key={route.id} id={route.id} />;
    case 'roles':
      return <RolesPage />;
    case 'audit':
      return <AuditPage filter={route.filter} />;
    case 'unknown':
      return <NotFound />;
  }
}

/** What a user may not see looks like what does not exist. */
function NotFound() {
  return (
    <div className="empty">
      <h1>Page not found</h1>
      <p>It does not exist, or it is not shared with you.</p>
      <RouteLink className="button" to={{ page: 'cameras' }}>
        All cameras
      </RouteLink>
    </div>
  );
}

function NoAccounts() {
  return (
    <div className="empty">
      <h1>Access control is off</h1>
      <p>
        Camplane was started with <code>CAMPLANE_AUTH=none</code>, so there are no users. Everybody who
        reaches this address may do everything.
      </p>
      <RouteLink className="button" to={{ page: 'cameras' }}>
        All cameras
      </RouteLink>
    </div>
  );
}

function titleOf(route: Route, { cameras }: CamerasState): string {
  switch (route.page) {
    case 'cameras':
      return 'Cameras – Camplane';
    case 'wall':
      return 'Wall – Camplane';
    case 'new-camera':
      return 'Add camera – Camplane';
    case 'camera':
    case 'edit-camera': {
      const camera = cameras?.find(({ id }) => id === route.id);
      const name = camera ? displayNameOf(camera) : route.id;
      return `${route.page === 'camera' ? name : `Edit ${name}`} – Camplane`;
    }
    case 'detections':
      return 'Detections – Camplane';
    case 'detection':
      return 'Detection – Camplane';
    case 'account':
      return 'Account – Camplane';
    case 'users':
      return 'Users – Camplane';
    case 'new-user':
      return 'Add user – Camplane';
    case 'user':
      return 'Edit user – Camplane';
    case 'roles':
      return 'Roles – Camplane';
    case 'audit':
      return 'Audit log – Camplane';
    case 'unknown':
      return 'Not found – Camplane';
  }
}
