import { type DocumentNode, parse, print, visit } from 'graphql';
import {
  directiveNames,
  type LinkedSpec,
  linkedSpecs,
  READS_SPEC,
  RULE_KINDS,
  ruleNames,
  ruleSpec,
} from './linked-directives';
import { strippedHeader, supergraphHash } from './policy-hash';

/**
 * The copy of the supergraph that `@apollo/gateway` loads: without the security specifications, which it refuses to load
 * ("is for: SECURITY but is unsupported"), and without `@reads`. Everything else, `@inaccessible` included, stays.
 *
 * This copy enforces nothing. Its first line names the hash of the supergraph, equal to the `hash` of the policy index
 * that has to stand in front of it.
 *
 * @throws GraphQLError when the text is not a schema document
 */
export function stripSupergraph(supergraphSdl: string): string {
  const document = parse(supergraphSdl, { noLocation: true });
  const specs = linkedSpecs(document);
  const removed = specs.filter(isOurs);
  const stripped = removeSpecs(document, removed, namesOf(specs));
  return `${strippedHeader(supergraphHash(supergraphSdl))}\n${print(stripped)}\n`;
}

function removeSpecs(document: DocumentNode, removed: readonly LinkedSpec[], names: ReadonlySet<string>): DocumentNode {
  const links = new Set(removed.map((spec) => spec.node));
  const ownTypes = removed.map((spec) => `${spec.namespace}__`);
  return visit(document, {
    Directive: (node) => (links.has(node as LinkedSpec['node']) || names.has(node.name.value) ? null : undefined),
    DirectiveDefinition: (node) => (names.has(node.name.value) ? null : undefined),
    // The scalars of the arguments, `requiresScopes__Scope` and `policy__Policy`; a name with `__` belongs to a link.
    ScalarTypeDefinition: (node) => (ownTypes.some((prefix) => node.name.value.startsWith(prefix)) ? null : undefined),
  });
}

function namesOf(specs: readonly LinkedSpec[]): ReadonlySet<string> {
  return new Set([...ruleNames(specs).keys(), ...directiveNames(specs, READS_SPEC, 'reads')]);
}

function isOurs(spec: LinkedSpec): boolean {
  return [READS_SPEC, ...RULE_KINDS.map(ruleSpec)].includes(spec.identity);
}
