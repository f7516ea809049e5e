/**
 * What composition lets through although it loses a rule. Every check here was a silent success of
 * `composeServices` 2.14.4 (design/authorization.md, attacks 1 to 4).
 */
import {
  type DirectiveDefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  parse,
  print,
  visit,
} from 'graphql';
import {
  directiveNames,
  FEDERATION_SPEC,
  linkedSpecs,
  readCoordinates,
  READS_SPEC,
  readRule,
  RULE_KINDS,
  ruleNames,
  stringArgument,
} from '../authorize/linked-directives';
import { CAPABILITIES, POLICIES } from '../authorize/vocabulary';

type Check = (document: DocumentNode) => string[];

/** Every way in which this SDL would lose or blur a rule, as sentences that name the subgraph; empty when there is none. */
export function lintSubgraph(name: string, sdl: string): string[] {
  const document = parse(sdl);
  const checks: Check[] = [federationTwo, noLookAlikes, readsIsComposed, wellFormedRules, wellFormedReads];
  return checks.flatMap((check) => check(document)).map((problem) => `[${name}] ${problem}`);
}

function federationTwo(document: DocumentNode): string[] {
  const federation = linkedSpecs(document).find((spec) => spec.identity === FEDERATION_SPEC);
  return federation?.version.startsWith('v2.') ? [] : ['is not a Federation 2 schema: its directives would be dropped'];
}

/** A directive that only looks like a rule composes silently and protects nothing. */
function noLookAlikes(document: DocumentNode): string[] {
  const specs = linkedSpecs(document);
  const genuine = new Set([...ruleNamesOfFederation(document), ...directiveNames(specs, READS_SPEC, 'reads')]);
  return directiveDefinitions(document)
    .filter((node) => looksLikeRule(node.name.value) && !genuine.has(node.name.value))
    .map((node) => `defines its own @${node.name.value}, which is not the linked one: import it instead`);
}

function ruleNamesOfFederation(document: DocumentNode): Iterable<string> {
  return ruleNames(linkedSpecs(document).filter((spec) => spec.identity === FEDERATION_SPEC)).keys();
}

/** `@authenticated`, `@Authenticated`, `@requires_scopes`, `@my__policy`. */
function looksLikeRule(name: string): boolean {
  const plain = name.replace(/^.*__/, '').replaceAll('_', '').toLowerCase();
  return [...RULE_KINDS, 'reads'].some((kind) => kind.toLowerCase() === plain);
}

/** `@reads` reaches the supergraph only when it is linked, defined and named by `@composeDirective`. */
function readsIsComposed(document: DocumentNode): string[] {
  const specs = linkedSpecs(document);
  const names = directiveNames(specs, READS_SPEC, 'reads');
  const definition = directiveDefinitions(document).find((node) => names.has(node.name.value));
  if (!definition) return [];
  const compose = directiveNames(specs, FEDERATION_SPEC, 'composeDirective');
  const composed = directives(document).some(
    (node) => compose.has(node.name.value) && stringArgument(node, 'name') === `@${definition.name.value}`,
  );
  const problems = composed
    ? []
    : [`does not name @${definition.name.value} in @composeDirective: it would be dropped`];
  const shape = definition.arguments?.map((argument) => `${argument.name.value}: ${print(argument.type)}`).join(', ');
  if (shape !== 'fields: [String!]!') problems.push(`@${definition.name.value} must take exactly (fields: [String!]!)`);
  return problems;
}

function wellFormedRules(document: DocumentNode): string[] {
  const names = ruleNames(linkedSpecs(document));
  const known = { requiresScopes: new Set<string>(CAPABILITIES), policy: new Set<string>(POLICIES) };
  return directives(document)
    .filter((node) => names.has(node.name.value))
    .flatMap((node) =>
      attempt(() => {
        const rule = readRule(names.get(node.name.value)!, node);
        if (rule.kind === 'authenticated') return [];
        return rule.alternatives
          .flat()
          .filter((word) => !known[rule.kind].has(word))
          .map((word) => `@${node.name.value} names "${word}", which is not in the vocabulary`);
      }),
    );
}

function wellFormedReads(document: DocumentNode): string[] {
  const names = directiveNames(linkedSpecs(document), READS_SPEC, 'reads');
  return directives(document)
    .filter((node) => names.has(node.name.value))
    .flatMap((node) => attempt(() => (readCoordinates(node), [])));
}

function attempt(check: () => string[]): string[] {
  try {
    return check();
  } catch (error) {
    return [(error as Error).message];
  }
}

function directives(document: DocumentNode): DirectiveNode[] {
  const found: DirectiveNode[] = [];
  visit(document, { Directive: (node) => void found.push(node) });
  return found;
}

function directiveDefinitions(document: DocumentNode): DirectiveDefinitionNode[] {
  return document.definitions.filter((node) => node.kind === Kind.DIRECTIVE_DEFINITION);
}
