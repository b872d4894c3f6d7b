import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findKubernetesProgram } from '@camplane/testkit/kubernetes-programs';
import { waitUntil } from '@camplane/testkit/wait-until';
import type { CamplaneCluster } from './camplane-cluster.ts';
import { repository } from './camplane-cluster.ts';

const run = promisify(execFile);

export type Said = { code: number; out: string; err: string };

/** The command line as a person has it: bundled, on the PATH, with a kubeconfig. */
export type CommandLine = {
  camplane(args: string[]): Promise<Said>;
  /** kubectl with `camplane` as its plugin. */
  kubectl(args: string[]): Promise<Said>;
  /** Starts what goes on until it is told to stop. */
  follow(args: string[]): Following;
};

export type Following = {
  waitFor(words: RegExp, timeoutMs: number): Promise<void>;
  /** Ctrl-C; gives its exit code. */
  stop(): Promise<number | null>;
};

/** As `make cli` makes it. */
export async function bundleCommandLine({ cluster }: CamplaneCluster): Promise<CommandLine> {
  await run(process.execPath, ['tools/images/src/main.ts', 'cli'], { cwd: repository });
  const kubectlProgram = await findKubernetesProgram('kubectl');
  const folder = join(repository, '.tools/bundles/cli');
  const path = [folder, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  const options = { env: { PATH: path, KUBECONFIG: cluster.kubeConfigFile }, timeout: 120_000 };

  const say = async (program: string, args: string[]): Promise<Said> => {
    try {
      const { stdout, stderr } = await run(program, args, options);
      return { code: 0, out: stdout, err: stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: unknown; stdout?: string; stderr?: string };
      if (typeof code !== 'number') throw error;
      return { code, out: stdout ?? '', err: stderr ?? '' };
    }
  };
  return {
    camplane: (args) => say('camplane', args),
    kubectl: (args) => say(kubectlProgram, args),
    follow: (args) => {
      const child = spawn('camplane', args, { env: options.env, stdio: ['ignore', 'pipe', 'pipe'] });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => (said += text));
      }
      const ended = once(child, 'close');
      return {
        waitFor: async (words, timeoutMs) => {
          const what = `camplane ${args.join(' ')} says ${String(words)}`;
          await waitUntil(
            () => said,
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
