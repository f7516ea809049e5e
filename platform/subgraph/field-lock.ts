import {
  type ConstDirectiveNode,
  type DocumentNode,
  getNamedType,
  type GraphQLSchema,
  isObjectType,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Principal } from '../principal/principal';

/** One `@requiresScopes` or `@policy`: any of these sets, each wholly. */
interface Rule {
  kind: 'scopes' | 'policies';
  anyOf: string[][];
}

/**
 * The second lock with the same key: a subgraph judges every operation by the directives of its own SDL before it runs it.
 * The gateway has removed what the caller may not have, so a denied selection here means that somebody went around it.
 */
export class FieldLock {
  private readonly rules = new Map<string, Rule[]>();
  private readonly verdicts = new LRUCache<string, { denied: string | null }>({ max: 5_000 });

  constructor(
    private readonly schema: GraphQLSchema,
    sdl: string,
  ) {
    for (const definition of parse(sdl).definitions) {
      if (definition.kind !== 'ObjectTypeDefinition' && definition.kind !== 'ObjectTypeExtension') continue;
      this.addRules(definition);
    }
  }

  private addRules(type: ObjectTypeDefinitionNode | ObjectTypeExtensionNode): void {
    const onType = (type.directives ?? []).flatMap(toRule);
    this.rules.set(type.name.value, onType);
    for (const field of type.fields ?? [])
      this.rules.set(`${type.name.value}.${field.name.value}`, (field.directives ?? []).flatMap(toRule));
  }

  /** The first coordinate of the operation that this caller may not have, or null. */
  denied(text: string, document: DocumentNode, principal: Principal): string | null {
    const key = `${principal.level} ${[...principal.capabilities].sort().join(' ')}\n${text}`;
    let verdict = this.verdicts.get(key);
    if (!verdict) this.verdicts.set(key, (verdict = { denied: this.judge(document, principal) }));
    return verdict.denied;
  }

  private judge(document: DocumentNode, principal: Principal): string | null {
    const info = new TypeInfo(this.schema);
    let denied: string | null = null;
    const check = (coordinate: string): void => {
      if (!denied && !(this.rules.get(coordinate) ?? []).every((rule) => holds(rule, principal))) denied = coordinate;
    };
    visit(
      document,
      visitWithTypeInfo(info, {
        Field: () => {
          const parent = info.getParentType();
          const returned = getNamedType(info.getType());
          if (parent && !isRoot(this.schema, parent.name)) check(parent.name);
          if (parent) check(`${parent.name}.${info.getFieldDef()?.name}`);
          if (isObjectType(returned)) check(returned.name);
        },
      }),
    );
    return denied;
  }
}

const isRoot = (schema: GraphQLSchema, type: string): boolean =>
  type === schema.getQueryType()?.name || type === schema.getMutationType()?.name;

function toRule({ name, arguments: args = [] }: ConstDirectiveNode): Rule[] {
  const kind = name.value === 'requiresScopes' ? 'scopes' : name.value === 'policy' ? 'policies' : null;
  const value = args.find((argument) => argument.name.value === kind)?.value;
  if (!kind || value?.kind !== 'ListValue') return [];
  const anyOf = value.values.map((set) =>
    set.kind === 'ListValue' ? set.values.map((item) => (item as { value: string }).value) : [],
  );
  return [{ kind, anyOf }];
}

/** An empty list allows nobody. */
function holds({ kind, anyOf }: Rule, principal: Principal): boolean {
  const has = (word: string): boolean =>
    kind === 'scopes' ? principal.capabilities.includes(word) : principal.level === word;
  return anyOf.some((set) => set.length > 0 && set.every(has));
}
