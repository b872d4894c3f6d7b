import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findKubernetesProgram } from '@camplane/testkit/kubernetes-programs';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { CamplaneCluster } from './camplane-cluster.ts';
import { repository } from './camplane-cluster.ts';

const run = promisify(execFile);

export type CommandOutput = { code: number; out: string; err: string };

/** The bundled command line, on the PATH, with a kubeconfig. */
export type CommandLine = {
  camplane(args: string[], options?: { token?: string }): Promise<CommandOutput>;
  /** kubectl with `camplane` as a plugin. */
  kubectl(args: string[]): Promise<CommandOutput>;
  /** Starts a command that runs until stopped. */
  follow(args: string[]): Following;
};

export type Following = {
  waitFor(words: RegExp, timeoutMs: number): Promise<void>;
  /** Sends Ctrl-C and returns the exit code. */
  stop(): Promise<number | null>;
};

/** Built as by `make cli`. */
export async function bundleCommandLine({ cluster }: CamplaneCluster): Promise<CommandLine> {
  await run(process.execPath, ['tools/images/src/main.ts', 'cli'], { cwd: repository });
  const kubectlProgram = await findKubernetesProgram('kubectl');
  const folder = join(repository, '.tools/bundles/cli');
  const path = [folder, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  const options = { env: { PATH: path, KUBECONFIG: cluster.kubeConfigFile }, timeout: 120_000 };

  const say = async (program: string, args: string[], token = ''): Promise<CommandOutput> => {
    try {
      const env = { ...options.env, CAMPLANE_TOKEN: token };
      const { stdout, stderr } = await run(program, args, { ...options, env });
      return { code: 0, out: stdout, err: stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: unknown; stdout?: string; stderr?: string };
      if (typeof code !== 'number') throw error;
      return { code, out: stdout ?? '', err: stderr ?? '' };
    }
  };
  return {
    camplane: (args, { token } = {}) => say('camplane', args, token),
    kubectl: (args) => say(kubectlProgram, args),
    follow: (args) => {
      const child = spawn('camplane', args, { env: options.env, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      }
      const ended = once(child, 'close');
      return {
        waitFor: async (words, timeoutMs) => {
          const what = `camplane ${args.join(' ')} says ${String(words)}`;
          await waitUntil(
            () => output,
            (text) => words.test(text),
            { what, timeoutMs },
          );
        },
        stop: async () => {
          child.kill('SIGINT');
          const [code] = (await ended) as [number | null];
          return code;
        },
      };
    },
  };
}
