/**
 * Which name a directive goes by in a schema document. The `@link` specification lets a schema rename what it imports
 * (`{name: "@authenticated", as: "@login"}`) or use a prefix (`@federation__authenticated`), so a directive is what the
 * links say it is; whoever compares literal names misses rules (CVE-2025-64347, attacks 5 and 6).
 */
import {
  type ArgumentNode,
  type ConstDirectiveNode,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type SchemaDefinitionNode,
  type SchemaExtensionNode,
  type ValueNode,
} from 'graphql';
import type { AppliedRule } from './requirement';

export const FEDERATION_SPEC = 'https://specs.apollo.dev/federation';
export const READS_SPEC = 'https://iepgraph.dev/reads';
const LINK_SPEC = 'https://specs.apollo.dev/link';

/** The security directives. A supergraph links a specification for each; a subgraph gets them from `FEDERATION_SPEC`. */
export const RULE_KINDS = ['authenticated', 'requiresScopes', 'policy'] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

export interface LinkedSpec {
  /** The URL without its version: `https://specs.apollo.dev/federation`. */
  readonly identity: string;
  /** `v2.9`, or '' where the URL carries none. */
  readonly version: string;
  /** What unimported elements are prefixed with. */
  readonly namespace: string;
  /** `@name` in the specification to `@name` in this document. */
  readonly imports: ReadonlyMap<string, string>;
  readonly purpose: string | undefined;
  readonly node: ConstDirectiveNode;
}

/** All `@link`s on the schema definition and its extensions, in document order. */
export function linkedSpecs(document: DocumentNode): LinkedSpec[] {
  const applied = document.definitions
    .filter((node): node is SchemaDefinitionNode | SchemaExtensionNode => isSchemaNode(node.kind))
    .flatMap((node) => node.directives ?? []);
  const bootstrap = applied.find((node) => stringArgument(node, 'url')?.startsWith(`${LINK_SPEC}/`));
  const linkName = bootstrap?.name.value ?? 'link';
  return applied.filter((node) => node.name.value === linkName && stringArgument(node, 'url')).map(readLink);
}

/** Every name that `directive` (without `@`) of the given specification can be written with in this document. */
export function directiveNames(specs: readonly LinkedSpec[], identity: string, directive: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const spec of specs.filter((one) => one.identity === identity)) {
    const imported = spec.imports.get(`@${directive}`);
    if (imported) names.add(imported.slice(1));
    // A specification's own name stands for its directive of the same name: `@link(url: ".../policy/v0.1", as: "level")`.
    else if (identity.endsWith(`/${directive}`)) names.add(spec.namespace);
    names.add(`${spec.namespace}__${directive}`);
  }
  return names;
}

/** Directive name in this document to the rule it stands for. */
export function ruleNames(specs: readonly LinkedSpec[]): ReadonlyMap<string, RuleKind> {
  const names = new Map<string, RuleKind>();
  for (const kind of RULE_KINDS) {
    for (const identity of [FEDERATION_SPEC, ruleSpec(kind)]) {
      for (const name of directiveNames(specs, identity, kind)) names.set(name, kind);
    }
  }
  return names;
}

export function ruleSpec(kind: RuleKind): string {
  return `https://specs.apollo.dev/${kind}`;
}

/**
 * Reads one applied rule.
 *
 * @throws Error when the argument is not a non-empty list of non-empty lists of strings. GraphQL's list coercion would
 *   turn `["a", "b"]` into `[["a"], ["b"]]`, an OR where the author may have meant AND (attack 4), so nothing is coerced.
 */
export function readRule(kind: RuleKind, node: DirectiveNode): AppliedRule {
  if (kind === 'authenticated') return { kind };
  const argument = kind === 'policy' ? 'policies' : 'scopes';
  const alternatives = listArgument(node, argument).map((inner) => {
    if (inner.kind !== Kind.LIST) throw new Error(`@${kind}(${argument}:) must be a list of lists`);
    return inner.values.map((value) => stringValue(value, `@${kind}(${argument}:)`));
  });
  if (alternatives.length === 0 || alternatives.some((one) => one.length === 0)) {
    throw new Error(`@${kind}(${argument}:) must not contain an empty list`);
  }
  return { kind, alternatives };
}

/** Reads the coordinates of one `@reads(fields: [...])`. @throws Error unless they are a non-empty list of `Type.field`. */
export function readCoordinates(node: DirectiveNode): string[] {
  const coordinates = listArgument(node, 'fields').map((value) => stringValue(value, '@reads(fields:)'));
  if (coordinates.length === 0) throw new Error('@reads(fields:) must not be empty');
  for (const coordinate of coordinates) {
    if (!/^\w+\.\w+$/.test(coordinate))
      throw new Error(`@reads names "${coordinate}", which is not of the form Type.field`);
  }
  return coordinates;
}

export function stringArgument(node: DirectiveNode, name: string): string | undefined {
  const value = argumentOf(node, name)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;
}

function readLink(node: ConstDirectiveNode): LinkedSpec {
  const segments = (stringArgument(node, 'url') ?? '').replace(/\/+$/, '').split('/');
  const version = /^v\d+\.\d+$/.test(segments.at(-1) ?? '') ? segments.pop()! : '';
  const imports = argumentOf(node, 'import')?.value;
  return {
    identity: segments.join('/'),
    version,
    namespace: stringArgument(node, 'as') ?? segments.at(-1) ?? '',
    imports: new Map(imports?.kind === Kind.LIST ? imports.values.map(readImport) : []),
    purpose: stringArgument(node, 'for'),
    node,
  };
}

function readImport(value: ValueNode): [string, string] {
  if (value.kind === Kind.STRING) return [value.value, value.value];
  const field = (name: string) => {
    const found = value.kind === Kind.OBJECT ? value.fields.find((one) => one.name.value === name)?.value : undefined;
    return found?.kind === Kind.STRING ? found.value : undefined;
  };
  const name = field('name') ?? '';
  return [name, field('as') ?? name];
}

function listArgument(node: DirectiveNode, name: string): readonly ValueNode[] {
  const value = argumentOf(node, name)?.value;
  if (value?.kind !== Kind.LIST) throw new Error(`@${node.name.value}(${name}:) must be a list`);
  return value.values;
}

function stringValue(value: ValueNode, where: string): string {
  if (value.kind !== Kind.STRING) throw new Error(`${where} must hold strings`);
  return value.value;
}

function argumentOf(node: DirectiveNode, name: string): ArgumentNode | undefined {
  return node.arguments?.find((argument) => argument.name.value === name);
}

function isSchemaNode(kind: Kind): boolean {
  return kind === Kind.SCHEMA_DEFINITION || kind === Kind.SCHEMA_EXTENSION;
}
