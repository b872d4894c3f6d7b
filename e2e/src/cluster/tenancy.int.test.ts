import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TestBrowser } from '@camplane/testkit/chromium';
import { wrongRights, actAs, accounts } from './account-rights.ts';
import { anonymousPorts } from './anonymous-ports.ts';
import type { CamplaneCluster } from './camplane-cluster.ts';
import { startCamplaneCluster, timed } from './camplane-cluster.ts';
import { connectFrom, listeningPorts } from './pod-network.ts';
import type { Origin } from './pod-network.ts';
import { createTemporaryFolder } from '@camplane/testkit/temporary-folder';
import type { TemporaryFolder } from '@camplane/testkit/temporary-folder';
import { addStreetCamera, cameraNamespace, streetCamera } from './street-camera.ts';
import { answersOfServices, serviceAnswers } from './service-credentials.ts';
import {
  answersTo,
  detectionOf,
  openInstallation,
  playsOverRtsp,
  readPicture,
  settled,
} from './tenancy-checks.ts';
import type { Installation } from './tenancy-checks.ts';
import {
  componentOf,
  declaredPorts,
  installTenants,
  podsOf,
  tenants,
  tokenPaths,
  writableRoots,
} from './tenants.ts';
import type { InstalledPod, InstalledTenants, Tenant } from './tenants.ts';
import {
  checkAddresses,
  checkDashboard,
  checkEdge,
  checkWebrtcOfApi,
  renewCertificate,
  revokeRtsps,
  startTlsBrowser,
} from './tenant-tls.ts';
import { followTenant } from './tenant-events.ts';
import { metadataAddress, routeMetadataTo } from './metadata-address.ts';

jest.setTimeout(300_000);

const cameras: Record<Tenant, string[]> = { north: ['street', 'gate'], south: ['street'] };
/** The servers of the evaluation may send anywhere. */
const hasPolicyForEgress = (component: string) => component !== 'bus' && component !== 'database';
const all = (status: number) => ({
  ...{ password: status, session: status, token: status },
  ...{ 'token at the edge': status, 'ticket at the edge': status, 'token over RTSP': status },
});

/** The last test uninstalls `north`. */
describe('two installations in two namespaces of a cluster', () => {
  let camplane: CamplaneCluster;
  let folder: TemporaryFolder;
  let installed: InstalledTenants;
  let north: Installation;
  let south: Installation;
  const pods: Record<Tenant, InstalledPod[]> = { north: [], south: [] };

  beforeAll(async () => {
    folder = await createTemporaryFolder();
    camplane = await timed('cluster with images', () => startCamplaneCluster({ networkPolicies: true }));
    await timed('two installations until every pod and camera is ready', async () => {
      await addStreetCamera(camplane);
      installed = await installTenants(camplane, folder.path);
      for (const tenant of tenants) {
        for (const name of cameras[tenant]) {
          await camplane.kubectl(['-n', tenant, 'apply', '-f', '-'], streetCamera(name));
        }
      }
      for (const tenant of tenants) {
        await camplane.waitForWorkloads(tenant, 240_000);
        for (const name of cameras[tenant]) await camplane.waitForReady(tenant, name);
        pods[tenant] = await podsOf(camplane, tenant);
      }
    });
    north = await openInstallation(camplane, 'north', installed);
    south = await openInstallation(camplane, 'south', installed);
  }, 900_000);

  afterAll(async () => {
    await timed('cluster stopped', async () => camplane?.stop());
    await folder?.remove();
  });

  const podOf = (tenant: Tenant, component: string, name = '') => {
    const found = pods[tenant].find(
      (pod) =>
        componentOf(pod) === component &&
        (name === '' || pod.metadata.labels['camplane.dev/camera'] === name),
    );
    if (found === undefined) throw new Error(`${tenant} has no pod of ${component} ${name}`);
    return found;
  };
  /** Pods and restarts. */
  const stateOf = async (tenant: Tenant) => {
    const found = await podsOf(camplane, tenant);
    return found.map(({ metadata, status }) => [
      metadata.uid,
      status?.containerStatuses?.map((container) => container.restartCount),
    ]);
  };
  const insideOf = async (pod: { metadata: InstalledPod['metadata'] }) => {
    const [info] = await camplane.processesOf(pod);
    if (info === undefined) throw new Error(`pod ${pod.metadata.name} has no process`);
    return { pid: info.pid };
  };
  /** `COMPONENT:PORT` of the declared ports of both installations that a client reaches, without its own pod. */
  const reached = async (origin: Origin, own?: InstalledPod): Promise<Record<Tenant, string[]>> => {
    const targets = tenants.flatMap((tenant) =>
      pods[tenant]
        .filter((pod) => pod !== own)
        .flatMap((pod) => declaredPorts(pod).map((port) => ({ tenant, pod, port }))),
    );
    const at = ({ pod, port }: (typeof targets)[number]) => `${pod.status?.podIP}:${port}`;
    const answers = await connectFrom(origin, targets.map(at));
    const open = targets.filter((target) => answers.get(at(target)) === 'open');
    const names = (of: Tenant) =>
      open.filter(({ tenant }) => tenant === of).map(({ pod, port }) => `${componentOf(pod)}:${port}`);
    const sorted = (tenant: Tenant) => [...new Set(names(tenant))].toSorted();
    return { north: sorted('north'), south: sorted('south') };
  };
  const foreigner = async () => {
    const [pod] = await camplane.list(cameraNamespace, 'pods');
    if (pod === undefined) throw new Error('the simulated camera has no pod');
    return { pod, origin: await insideOf(pod as InstalledPod) };
  };

  it('run under the restricted Pod Security Standard, read-only, with a token only where it is used', () => {
    const installed = tenants.flatMap((tenant) => pods[tenant]);
    expect(installed.length).toBeGreaterThanOrEqual(19);
    expect(installed.flatMap(writableRoots)).toEqual([]);
    const withToken = installed.filter((pod) => tokenPaths(pod).length > 0).map(componentOf);
    expect([...new Set(withToken)].toSorted()).toEqual(['api', 'operator']);
  });

  it('accept no user, session, token and ticket of each other', async () => {
    const [atNorth, atSouth] = [
      [await answersTo(north, north), await answersTo(north, south)],
      [await answersTo(south, south), await answersTo(south, north)],
    ];
    expect([atNorth, atSouth]).toEqual([
      [all(200), all(401)],
      [all(200), all(401)],
    ]);
  });

  it('list no cameras and detections of each other, and play no video', async () => {
    const listed = async ({ session }: Installation) =>
      (await session.client.listCameras()).items.map(({ id }) => id).toSorted();
    expect([await listed(north), await listed(south)]).toEqual([['gate', 'street'], ['street']]);
    const id = await detectionOf(north, 'gate');
    expect((await north.session.send('readDetection', { id })).status).toBe(200);
    expect((await south.session.send('readDetection', { id })).status).toBe(404);
    expect((await south.session.client.listDetections({ query: { cameraId: 'gate' } })).items).toEqual([]);
    expect(await settled(() => playsOverRtsp(north, 'gate', north.viewing.login))).toBe(200);
    expect(await playsOverRtsp(south, 'gate', south.viewing.login)).not.toBe(200);
  });

  it('send no events of each other', async () => {
    await expect(followTenant(north, south.session)).rejects.toThrow('401');
    const [atNorth, atSouth] = [
      await followTenant(north, north.session),
      await followTenant(south, south.session),
    ];
    await atNorth.waitForDetectionOf('gate');
    await atSouth.waitForDetectionOf('street');
    expect([atNorth.cameras(), atSouth.cameras()]).toEqual([['gate', 'street'], ['street']]);
    atNorth.close();
    atSouth.close();
  });

  it('have no rights outside their namespace, and inside it only those that they need', async () => {
    expect(await wrongRights(camplane, 'north', 'south')).toEqual([]);
    // The rights of every account, such as discovery.
    const anybody = await actAs(camplane, 'north', 'default');
    for (const account of accounts) {
      const caller = await actAs(camplane, 'north', account);
      expect(await caller.rulesIn('south')).toEqual(await anybody.rulesIn('south'));
      expect(await caller.rulesIn('north')).not.toEqual(await anybody.rulesIn('north'));
      caller.close();
    }
    anybody.close();
    const bindings = await camplane.kubectl(['get', 'clusterroles,clusterrolebindings', '--output=name']);
    expect(bindings).not.toContain('camplane');
  });

  it('elect a leader each', async () => {
    for (const tenant of tenants) {
      const path = '--output=jsonpath={.spec.holderIdentity}';
      const holder = await camplane.kubectl(['-n', tenant, 'get', 'lease', 'camplane-camera-operator', path]);
      expect(holder).toBe(podOf(tenant, 'operator').metadata.name);
    }
  });

  it('give nothing at any port to a client without credentials', async () => {
    const listening = new Set<string>();
    const failures: string[] = [];
    for (const pod of pods.south) {
      const { pid } = await insideOf(pod);
      const ports = new Set([...declaredPorts(pod), ...(await listeningPorts(pid))]);
      for (const port of ports) {
        const name = `${componentOf(pod)}:${port}`;
        listening.add(name);
        const check = anonymousPorts[name];
        await check?.(pod.status?.podIP ?? '', port).catch((error: unknown) =>
          failures.push(`${name}: ${String(error)}`),
        );
      }
    }
    expect(failures).toEqual([]);
    expect([...listening].toSorted()).toEqual(Object.keys(anonymousPorts).toSorted());
  });

  it('give each service a credential that admits it only where it needs to call, and not to another tenant', async () => {
    const answers = await answersOfServices(camplane, {
      credentialsOf: 'south',
      at: (component) => podOf('south', component).status?.podIP ?? '',
    });
    expect(answers).toEqual(serviceAnswers);
    const foreign = await answersOfServices(camplane, {
      credentialsOf: 'north',
      at: (component) => podOf('south', component).status?.podIP ?? '',
    });
    expect(Object.values(foreign)).toEqual(Object.keys(serviceAnswers).map(() => 401));
  });

  it('are open to a foreign pod without NetworkPolicies, and closed with them', async () => {
    const { origin } = await foreigner();
    const south = Object.keys(anonymousPorts).toSorted();
    expect(await reached(origin)).toEqual({ north: [], south });
  });

  it('let viewers reach only the dashboard and the edge', async () => {
    const viewers = ['api:8080', 'edge:8189', 'edge:8322', 'edge:8554', 'edge:8888', 'edge:8889'];
    expect((await reached('host')).north).toEqual(viewers);
  });

  it('let the pod of a camera reach its camera, DNS, Kafka and nothing else', async () => {
    const own = podOf('north', 'camera', 'street');
    const origin = await insideOf(own);
    expect(await reached(origin, own)).toEqual({ north: ['bus:9092'], south: [] });
    const { network, api } = camplane.cluster;
    const { pod: camera } = await foreigner();
    const apiServer = `${network.hostAddress}:${new URL(api.url).port}`;
    const others = [
      `${camera.status?.podIP}:8554`,
      `${network.dnsAddress}:53`,
      apiServer,
      `${network.apiServiceAddress}:443`,
    ];
    expect([...(await connectFrom(origin, others)).values()]).toEqual([
      'open',
      'open',
      'filtered',
      'filtered',
    ]);
    // Without the policies it reaches all of that.
    const control = await insideOf(podOf('south', 'camera'));
    expect([...(await connectFrom(control, others)).values()]).toEqual(['open', 'open', 'open', 'open']);
  });

  it('let each service reach only what it uses', async () => {
    const flows = {
      api: [
        ...['bus:9092', 'camera:9100', 'database:5432', 'edge:8889', 'edge:9997', 'jpeg:8081', 'probe:9100'],
      ],
      operator: ['camera:9100', 'edge:9998'],
      detection: ['bus:9092'],
      edge: ['api:8082', 'camera:8554'],
      jpeg: ['bus:9092', 'edge:8554'],
      probe: [],
    };
    const seen = Object.keys(flows).map(async (component) => {
      const own = podOf('north', component);
      return [component, await reached(await insideOf(own), own)] as const;
    });
    const expected = Object.entries(flows).map(([component, north]) => [component, { north, south: [] }]);
    expect(await Promise.all(seen)).toEqual(expected);
  });

  it('keep their pods from the metadata service of the cloud', async () => {
    const { pod, origin } = await foreigner();
    await routeMetadataTo(camplane, { pid: origin.pid, address: pod.status?.podIP ?? '' });
    // The edge may send to any address at the ports of TURN servers, except to this one.
    const targets = [`${metadataAddress}:80`, `${metadataAddress}:3478`];
    const seen = async (pods: readonly InstalledPod[]) => {
      const answers = pods.map(async (from) => [
        ...(await connectFrom(await insideOf(from), targets)).values(),
      ]);
      return [...new Set((await Promise.all(answers)).flat())];
    };
    const services = (tenant: Tenant) => pods[tenant].filter((pod) => hasPolicyForEgress(componentOf(pod)));
    expect(await seen(services('north'))).toEqual(['filtered']);
    expect(await seen(services('south'))).toEqual(['refused']);
  });

  describe('with a certificate', () => {
    let browser: TestBrowser;
    beforeAll(async () => {
      browser = await startTlsBrowser(camplane, north);
    });
    afterAll(() => browser?.close());

    it('name addresses with TLS, in the notes of helm and at cameras', () =>
      checkAddresses(camplane, north, installed.notes));

    it('sign in with a cookie only for HTTPS, and play in the dashboard', () =>
      checkDashboard(browser, north));

    it('play with a ticket or a token, and refuse clients without one and plain text', () =>
      checkEdge(north));

    it('play through the WebRTC operations of control-api', () => checkWebrtcOfApi(browser, north));

    it('end a running RTSPS session within two seconds of the revocation of its token', async () => {
      const endedMs = await revokeRtsps(north);
      process.stdout.write(`  token revoked until RTSPS ends: ${endedMs.toFixed(0)} ms\n`);
      expect(endedMs).toBeLessThan(2_000);
    });

    it('serve a renewed certificate without a restart, and disconnect no viewer', async () => {
      const before = await stateOf('north');
      await timed('a renewed Secret until every port serves it', () =>
        renewCertificate(camplane, north, installed.certificates),
      );
      expect(await stateOf('north')).toEqual(before);
      await checkWebrtcOfApi(browser, north);
    });

    it('pass helm test', () =>
      timed('helm test', () => camplane.helm(['test', 'camplane', '-n', 'north', '--timeout', '60s'])));
  });

  it('keep running when the other is uninstalled', async () => {
    const before = await stateOf('south');
    await timed('helm uninstall', () =>
      camplane.helm(['uninstall', 'camplane', '--namespace', 'north', '--wait']),
    );
    expect(await stateOf('south')).toEqual(before);
    expect(await readPicture(south)).toEqual({ width: 768, height: 576 });
    const left = await Promise.all(tenants.map((tenant) => camplane.list(tenant, 'cameras')));
    expect(left.map((items) => items.map(({ metadata }) => metadata.name))).toEqual([
      ['gate', 'street'],
      ['street'],
    ]);
  });
});
