import type { Rule } from './repository.ts';

export const workspacesSayWhatBelongsInThem: Rule = (repository) =>
  repository.workspaces
    .filter(({ folder }) => (repository.files.get(`${folder}/README.md`) ?? '').trim().length < 80)
    .map(({ folder }) => `${folder} needs a README.md of a paragraph that says what belongs in it`);

/** What names one developer's machine, or the registry that it happened to use. */
const machineMarks: [pattern: RegExp, what: string][] = [
  [/(?<![\w.~$}*-])\/(home|Users)\/[A-Za-z0-9._-]+\//, 'a home folder'],
  [/(?<![\w.~$}*/-])\/(root|work|workspace)\/[A-Za-z0-9._-]+/, 'a folder of one machine'],
  [/\b[A-Z]:\\\\?Users\\/, 'a home folder'],
  [/\bregistry\s*[=:]\s*["']?https?:/, 'a registry'],
  [/\b(GOPROXY|GOFLAGS|npm_config_registry|PIP_INDEX_URL)=\S*https?:/, 'a registry'],
  [/\b[\w.-]*(verdaccio|artifactory|jfrog|nexus)[\w.-]*\.[a-z]{2,}\b/i, 'a registry'],
  [/\btarball: ?https?:/, 'the address of a registry'],
  [/"resolved": ?"https?:\/\/(?!registry\.npmjs\.org\/)/, 'a registry other than the public one'],
];

export const nothingNamesOneMachine: Rule = (repository) =>
  [...repository.files].flatMap(([path, text]) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        machineMarks
          .filter(([pattern]) => pattern.test(line))
          .map(([, what]) => `${path}:${index + 1} names ${what}: ${line.trim().slice(0, 100)}`),
      ),
  );

export const nothingIsHalfMerged: Rule = (repository) =>
  [...repository.files].flatMap(([path, text]) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        /^(<{7}|>{7}) /.test(line)
          ? [`${path}:${index + 1} has a conflict marker of git: choose one side, and remove the markers`]
          : [],
      ),
  );
