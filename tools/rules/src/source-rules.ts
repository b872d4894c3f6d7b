import { apiRoot } from '@camplane/contracts/operation-parts';
import { operations } from '@camplane/contracts/operations';
import { metricNameProblem } from '@camplane/service-kit/metric-name';
import type { MetricKind } from '@camplane/service-kit/metric-name';
import ts from 'typescript';
import { parse } from './imports.ts';
import { isTestCode, sourceFiles } from './repository.ts';
import type { Rule } from './repository.ts';

const maxLines = 400;

export const filesAreShort: Rule = (repository) =>
  sourceFiles(repository).flatMap(([path, text]) => {
    const lines = text.split('\n').length - 1;
    return lines <= maxLines ? [] : [`${path} has ${lines} lines, more than ${maxLines}: split it by idea`];
  });

export const namesSaySomething: Rule = (repository) => {
  const vague =
    /^(utils?|helpers?|common|managers?|misc)$|-(utils?|helpers?|manager)$|^(utils?|helpers?|common)-/;
  return [...repository.files.keys()].flatMap((path) => {
    const bad = path.split('/').find((part) => vague.test(part.replace(/\..*$/, '')));
    return bad === undefined ? [] : [`${path}: "${bad}" is vague: name the content`];
  });
};

export const filesAreKebabCase: Rule = (repository) =>
  [...repository.files.keys()]
    .filter((path) => /^(services|packages|bench|e2e|tools)\/.*\.(ts|tsx|css|sh)$/.test(path))
    .filter((path) => !path.split('/').every((part) => /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/.test(part)))
    .map((path) => `${path} is not in kebab-case`);

export const exportsAreNamed: Rule = (repository) =>
  sourceFiles(repository).flatMap(([path, text]) => {
    if (path.endsWith('.config.ts')) return [];
    const found = parse(path, text).statements.some(
      (statement) =>
        (ts.isExportAssignment(statement) && statement.isExportEquals !== true) ||
        (ts.canHaveModifiers(statement) &&
          ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true),
    );
    return found ? [`${path} has a default export: use a named export`] : [];
  });

export const testsAreNeitherSkippedNorSingledOut: Rule = (repository) =>
  sourceFiles(repository).flatMap(([path, text]) =>
    calls(path, text).flatMap((call) => {
      const name = call.expression.getText();
      const breach =
        /^(it|test|describe)\b.*\.(skip|only|todo|failing|skipIf)\b/.test(name) ||
        /^(xit|xtest|xdescribe|fit|fdescribe)$/.test(name);
      return breach ? [`${path} calls ${name}: run the test or delete it`] : [];
    }),
  );

/** First path segments of the operations table: `cameras`, `events`, … Kubernetes has paths under `/api/v1`, too. */
const apiSegments = new Set(
  Object.values(operations).map(({ path }) => path.slice(apiRoot.length + 1).split('/', 1)[0] ?? ''),
);

export const apiPathsComeFromTheTable: Rule = (repository) =>
  sourceFiles(repository).flatMap(([path, text]) => {
    if (path.startsWith('packages/contracts/') || path.startsWith('packages/api-client/')) return [];
    return literals(path, text).flatMap((literal) => {
      const found = [...literal.matchAll(/\/api\/v1\/([a-z.]+)/g)].find(([, segment]) =>
        apiSegments.has(segment ?? ''),
      );
      return found
        ? [`${path} spells the path ${found[0]}: use operationPath of contracts, or api-client`]
        : [];
    });
  });

/** The texts of string literals and of the parts of templates. */
function literals(path: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node) ||
      ts.isJsxText(node)
    ) {
      found.push(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(path, text));
  return found;
}

/** Checks `counter({ name })`, `gauge({ name })`, `histogram({ name })` and prom-client's classes. */
export const metricsAreNamedByTheRule: Rule = (repository) =>
  sourceFiles(repository).flatMap(([path, text]) => {
    if (isTestCode(path)) return [];
    return metricDeclarations(path, text).flatMap(({ kind, name }) => {
      const complaint = metricNameProblem(name, kind);
      return complaint === undefined ? [] : [`${path}: metric ${name} ${complaint}`];
    });
  });

function metricDeclarations(path: string, text: string): { kind: MetricKind; name: string }[] {
  return calls(path, text).flatMap((call) => {
    const callee = /(\w+)$/.exec(call.expression.getText())?.[1]?.toLowerCase();
    const kind = (['counter', 'gauge', 'histogram'] as const).find((known) => known === callee);
    const [options] = call.arguments ?? [];
    if (!kind || !options || !ts.isObjectLiteralExpression(options)) return [];
    return options.properties.flatMap((property) =>
      ts.isPropertyAssignment(property) &&
      property.name.getText() === 'name' &&
      ts.isStringLiteralLike(property.initializer)
        ? [{ kind, name: property.initializer.text }]
        : [],
    );
  });
}

function calls(path: string, text: string): (ts.CallExpression | ts.NewExpression)[] {
  const found: (ts.CallExpression | ts.NewExpression)[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(parse(path, text));
  return found;
}
