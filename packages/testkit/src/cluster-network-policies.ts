import type { NodeNamespaces } from './cluster-namespaces.ts';
import type { TestKubernetesApi } from './kubernetes.ts';
import type { ServerProcess } from './server-process.ts';
import { nodeName } from './cluster-configuration.ts';
import { waitUntil } from './wait-until.ts';

const queue = '100';
const accountFolder = '/run/secrets/kubernetes.io/serviceaccount';

/**
 * Enforces NetworkPolicies on a node with kube-network-policies, which decides about the first packet of each connection.
 * Its own nftables rules need the kernel option NFT_QUEUE, which some kernels lack. The same rules of iptables do not.
 */
export async function enforceNetworkPolicies(options: {
  namespaces: NodeNamespaces;
  program: string;
  api: TestKubernetesApi;
}): Promise<ServerProcess> {
  const { namespaces, program, api } = options;
  const { hostname, port } = new URL(api.url);
  const write = [
    `mkdir -p ${accountFolder}`,
    `printf %s "$1" >${accountFolder}/token`,
    `printf %s "$2" >${accountFolder}/ca.crt`,
  ];
  const account = ['-ec', write.join('\n'), 'sh', api.token, api.certificateAuthority];
  await namespaces.run('sh', account);
  const started = namespaces.start('kube-network-policies', 'env', [
    ...[`KUBERNETES_SERVICE_HOST=${hostname}`, `KUBERNETES_SERVICE_PORT=${port}`, program],
    ...[`-nfqueue-id=${queue}`, `-hostname-override=${nodeName}`, '-metrics-bind-address=127.0.0.1:9080'],
  ]);
  try {
    await waitUntil(
      () => namespaces.run('cat', ['/proc/net/netfilter/nfnetlink_queue']),
      (queues) => new RegExp(`^ *${queue} `, 'm').test(queues),
      { what: 'kube-network-policies reads its queue', timeoutMs: 30_000 },
    );
    for (const rule of rules(namespaces.network.podRange)) {
      await namespaces.run('iptables', ['-w', '-t', 'mangle', ...rule.split(' ')]);
    }
  } catch (error) {
    await started.kill();
    throw error;
  }
  return started;
}

/** After the translation of a Service's address, before that of the source. Probes of the kubelet are not subject to policies. */
function rules(podRange: string): string[] {
  return [
    '-A POSTROUTING -m owner --uid-owner 0 -j ACCEPT',
    '-A POSTROUTING -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
    `-A POSTROUTING -s ${podRange} -j NFQUEUE --queue-num ${queue}`,
    `-A POSTROUTING -d ${podRange} -j NFQUEUE --queue-num ${queue}`,
  ];
}
