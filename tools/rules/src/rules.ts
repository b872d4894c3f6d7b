import {
  contractsImportsZodAlone,
  dependenciesPointOneWay,
  filesHaveNoCycles,
  importsAreDeclared,
  declaredDependenciesAreUsed,
  relativeImportsStayInside,
  workspacesHaveNoCycles,
} from './dependency-rules.ts';
import { environmentIsReadInOnePlace } from './environment-rules.ts';
import { nothingIsHalfMerged, nothingNamesOneMachine, workspacesSayWhatBelongsInThem } from './file-rules.ts';
import { linksWork } from './link-rules.ts';
import { proseIsPlain } from './prose-rules.ts';
import type { Rule } from './repository.ts';
import {
  apiPathsComeFromTheTable,
  exportsAreNamed,
  filesAreKebabCase,
  filesAreShort,
  metricsAreNamedByTheRule,
  namesSaySomething,
  testsAreNeitherSkippedNorSingledOut,
} from './source-rules.ts';

/** Rules that need only the files, by their sentence. */
export const rules: readonly [sentence: string, rule: Rule][] = [
  ['dependencies point from services to packages to contracts', dependenciesPointOneWay],
  ['contracts imports only zod', contractsImportsZodAlone],
  ['relative imports stay inside their package', relativeImportsStayInside],
  ['imports are declared in their package.json', importsAreDeclared],
  ['no declared dependency is unused', declaredDependenciesAreUsed],
  ['packages have no import cycles', workspacesHaveNoCycles],
  ['files have no import cycles', filesHaveNoCycles],
  ['process.env is read in one file of a service or package', environmentIsReadInOnePlace],
  ['links in documents work', linksWork],
  ['no source file is longer than 400 lines', filesAreShort],
  ['names are specific', namesSaySomething],
  ['files are in kebab-case', filesAreKebabCase],
  ['exports are named', exportsAreNamed],
  ['tests are neither skipped nor singled out', testsAreNeitherSkippedNorSingledOut],
  ['metrics are named camplane_<noun>_<unit>', metricsAreNamedByTheRule],
  ['paths of the API come from the operations table', apiPathsComeFromTheTable],
  ['every package and service has a README', workspacesSayWhatBelongsInThem],
  ['prose and names are plain, present-day technical English', proseIsPlain],
  ['no file names a registry or a folder of one machine', nothingNamesOneMachine],
  ['no file has conflict markers', nothingIsHalfMerged],
];
