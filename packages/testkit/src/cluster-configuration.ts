import { join } from 'node:path';
import type { ClusterNetwork } from './cluster-namespaces.ts';

/** Files and folders of a node's components, all within one folder. */
export type NodeFolders = ReturnType<typeof nodeFolders>;

export const pauseImage = 'camplane.test/pause:1';
export const dnsImage = 'camplane.test/coredns:1';
export const nodeName = 'node';

export function nodeFolders(folder: string) {
  return {
    containerSocket: join(folder, 'containerd.sock'),
    containerRoot: join(folder, 'containerd', 'root'),
    containerState: join(folder, 'containerd', 'state'),
    networkPlugins: join(folder, 'cni'),
    kubeletRoot: join(folder, 'kubelet'),
    volumePlugins: join(folder, 'volume-plugins'),
    nameServers: join(folder, 'resolv.conf'),
    kubeletFile: join(folder, 'kubelet.json'),
    proxyFile: join(folder, 'kube-proxy.json'),
    containerFile: join(folder, 'containerd.toml'),
    networkFile: join(folder, 'cni', '10-bridge.conflist'),
  };
}

export function containerConfiguration(folders: NodeFolders): string {
  const text = JSON.stringify;
  return `version = 2
root = ${text(folders.containerRoot)}
state = ${text(folders.containerState)}
oom_score = 0
[debug]
  level = "warn"
[grpc]
  address = ${text(folders.containerSocket)}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(pauseImage)}
  # A container may not lower its score below that of the test, and runc fails if it tries.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = ${text(folders.networkPlugins)}
`;
}

export function networkConfiguration(network: ClusterNetwork): string {
  return JSON.stringify({
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: true,
        // A pod can reach itself through its own Service.
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: network.podRange }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });
}

export function kubeletConfiguration(options: {
  folders: NodeFolders;
  network: ClusterNetwork;
  controlGroup: string;
}): string {
  const { folders, network, controlGroup } = options;
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: network.nodeAddress,
    containerRuntimeEndpoint: `unix://${folders.containerSocket}`,
    // Only reachable from the test's end of the virtual Ethernet pair.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: controlGroup,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    clusterDNS: [network.dnsAddress],
    clusterDomain: 'cluster.local',
    resolvConf: folders.nameServers,
    volumePluginDir: folders.volumePlugins,
    // A full disk of this machine must not evict pods.
    evictionHard: { 'memory.available': '0%', 'nodefs.available': '0%', 'imagefs.available': '0%' },
    imageGCHighThresholdPercent: 100,
  });
}

export function proxyConfiguration(options: { network: ClusterNetwork; kubeConfigFile: string }): string {
  return JSON.stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    hostnameOverride: nodeName,
    clientConnection: { kubeconfig: options.kubeConfigFile },
    clusterCIDR: options.network.podRange,
    // The connection table belongs to the whole machine: leave its size alone.
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    iptables: { minSyncPeriod: '100ms', syncPeriod: '30s' },
  });
}

/** CoreDNS as a pod, at the DNS address of every pod. Names outside the cluster do not resolve. */
export function dnsManifest(network: ClusterNetwork): string {
  const metadata = { name: 'coredns', namespace: 'kube-system' };
  const labels = { 'k8s-app': 'coredns' };
  const items = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'coredns' },
      rules: [
        { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'coredns' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'coredns' },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: corefile } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        clusterIP: network.dnsAddress,
        selector: labels,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas: 1, selector: { matchLabels: labels }, template: dnsPod(labels) },
    },
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

// A short TTL, so that a test sees the new address of a recreated pod soon.
const corefile = `cluster.local in-addr.arpa {
  errors
  health :8080
  ready :8181
  kubernetes {
    ttl 1
  }
}
. {
  errors
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`;

function dnsPod(labels: Record<string, string>) {
  return {
    metadata: { labels },
    spec: {
      serviceAccountName: 'coredns',
      dnsPolicy: 'Default',
      containers: [
        {
          name: 'coredns',
          image: dnsImage,
          imagePullPolicy: 'Never',
          args: ['-conf', '/etc/coredns/Corefile'],
          readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
          volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
        },
      ],
      volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
    },
  };
}
