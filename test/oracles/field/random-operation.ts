/** Random documents over any schema: aliases, inline and named fragments, conditions, inputs, several operations. */
import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type Draw, oneOf } from '../run';

export interface RandomOperation {
  text: string;
  operationName: string | undefined;
  variables: Record<string, unknown>;
}

const DEEPEST = 4;

/** @param scalars values for scalars by name; others are drawn without meaning */
export function randomOperation(schema: GraphQLSchema, draw: Draw, scalars: Scalars = {}): RandomOperation {
  return new Drawing(schema, draw, scalars).operation();
}

type Scalars = Readonly<Record<string, readonly string[]>>;

class Drawing {
  private readonly fragments: string[] = [];
  private readonly declared = new Map<string, string>();
  private readonly variables: Record<string, unknown> = {};
  /** By response key: two fields of one key must take the same arguments. */
  private readonly inputs = new Map<string, string>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly draw: Draw,
    private readonly scalars: Scalars,
  ) {}

  operation(): RandomOperation {
    const { schema, draw } = this;
    const mutation = schema.getMutationType();
    const isMutation = mutation && draw(6) === 0;
    const body = this.set(isMutation ? mutation : schema.getQueryType()!, 0);
    const declared = [...this.declared].map(([name, type]) => `$${name}: ${type}`).join(', ');
    const operation = `${isMutation ? 'mutation' : 'query'} Wanted${declared ? `(${declared})` : ''} ${body}`;
    // Another operation of the document is nobody's business, whatever it selects (attack 21).
    const others = draw(4) ? [] : [`query Other ${new Drawing(schema, draw, {}).plain()}`];
    return {
      text: [...(draw(2) ? [operation, ...others] : [...others, operation]), ...this.fragments].join('\n'),
      operationName: others.length || draw(2) ? 'Wanted' : undefined,
      variables: this.variables,
    };
  }

  private plain(): string {
    const leaf = Object.values(this.schema.getQueryType()!.getFields()).find(
      ({ type, args }) => !isCompositeType(getNamedType(type)) && args.every((one) => !isNonNullType(one.type)),
    );
    return `{ ${leaf?.name ?? '__typename'} }`;
  }

  private set(type: GraphQLCompositeType, depth: number): string {
    return `{ ${Array.from({ length: 1 + this.draw(4) }, () => this.selection(type, depth)).join(' ')} }`;
  }

  private selection(type: GraphQLCompositeType, depth: number): string {
    const { draw } = this;
    const condition = this.condition();
    if (depth < DEEPEST && draw(4) === 0) return this.fragment(type, depth, condition);
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
    const field = fields.length && draw(7) ? oneOf(draw, fields) : undefined;
    if (!field) return `${draw(2) ? '' : 'kind: '}__typename${condition}`;
    const returned = getNamedType(field.type);
    if (isCompositeType(returned) && depth >= DEEPEST) return '__typename';
    const alias = draw(4) ? '' : `x_${field.name}: `;
    const key = `${alias}${field.name}`;
    if (!this.inputs.has(key)) this.inputs.set(key, this.arguments(field.args));
    const below = isCompositeType(returned) ? ` ${this.set(returned, depth + 1)}` : '';
    return `${key}${this.inputs.get(key)}${condition}${below}`;
  }

  private condition(): string {
    const { draw } = this;
    if (draw(3)) return '';
    const name = oneOf(draw, ['yes', 'no', 'maybe']);
    const value = oneOf(draw, ['true', 'false', '$', '$', '$']);
    if (value === '$') {
      this.declared.set(name, name === 'maybe' ? 'Boolean!' : `Boolean = ${name === 'yes'}`);
      if (name === 'maybe') this.variables.maybe ??= draw(2) === 0;
    }
    return ` @${oneOf(draw, ['include', 'skip'])}(if: ${value === '$' ? `$${name}` : value})`;
  }

  private fragment(type: GraphQLCompositeType, depth: number, condition: string): string {
    const { draw, schema } = this;
    const possible = (one: GraphQLCompositeType) => (isAbstractType(one) ? schema.getPossibleTypes(one) : [one]);
    const overlapping = Object.values(schema.getTypeMap())
      .filter(isCompositeType)
      .filter((one) => !one.name.startsWith('__') && possible(one).some((each) => possible(type).includes(each)));
    const on = oneOf(draw, overlapping);
    if (draw(2))
      return `...${draw(5) ? ` on ${on.name}` : ''}${condition} ${this.set(on === type || draw(5) ? on : type, depth + 1)}`;
    const body = this.set(on, depth + 1);
    const name = `F${this.fragments.length}`;
    this.fragments.push(`fragment ${name} on ${on.name} ${body}`);
    // Of a fragment that is skipped first and spread again, @apollo/gateway loses the second.
    return `...${name}${condition}${condition || draw(3) ? '' : ` ...${name}`}`;
  }

  private arguments(args: readonly GraphQLArgument[]): string {
    const given = args
      .filter(({ type, defaultValue }) => (isNonNullType(type) && defaultValue === undefined) || this.draw(2))
      .map(({ name, type }) => `${name}: ${this.input(type, 0)}`);
    return given.length ? `(${given.join(', ')})` : '';
  }

  /** A literal, or a variable with or without value and default. */
  private input(type: GraphQLInputType, depth: number): string {
    const { draw } = this;
    if (draw(3)) return this.literal(type, depth);
    const name = `v${this.declared.size}`;
    const isRequired = isNonNullType(type);
    const withDefault = !isRequired && draw(3) === 0;
    this.declared.set(name, `${type}${withDefault ? ` = ${this.literal(type, depth, true)}` : ''}`);
    if (isRequired || draw(3)) this.variables[name] = this.value(type, depth);
    return `$${name}`;
  }

  private literal(type: GraphQLInputType, depth: number, isConstant = false): string {
    const { draw } = this;
    const nested = (one: GraphQLInputType) =>
      isConstant ? this.literal(one, depth + 1, true) : this.input(one, depth + 1);
    if (isNonNullType(type)) return this.literal(type.ofType, depth, isConstant);
    if (draw(8) === 0) return 'null';
    if (isListType(type)) {
      if (draw(3) === 0) return this.literal(notNull(type.ofType), depth + 1, isConstant).replace(/^null$/, '[]');
      return `[${Array.from({ length: draw(3) }, () => this.item(nested, type.ofType)).join(', ')}]`;
    }
    if (isEnumType(type)) return oneOf(draw, type.getValues()).name;
    if (!isInputObjectType(type)) return JSON.stringify(this.scalar(type.name));
    const fields = Object.values(type.getFields()).filter((one) => isNonNullType(one.type) || (depth < 3 && draw(2)));
    return `{ ${fields.map((one) => `${one.name}: ${nested(one.type)}`).join(', ')} }`;
  }

  private scalar(name: string): unknown {
    const known = this.scalars[name];
    if (name === 'Boolean') return true;
    if (name === 'Int') return known ? Number(oneOf(this.draw, known)) : this.draw(9);
    return known ? oneOf(this.draw, known) : 'x';
  }

  /** No null where the type of the items forbids it. */
  private item(nested: (type: GraphQLInputType) => string, type: GraphQLInputType): string {
    for (;;) {
      const drawn = nested(type);
      if (drawn !== 'null' || !isNonNullType(type)) return drawn;
    }
  }

  private value(type: GraphQLInputType, depth: number): unknown {
    const { draw } = this;
    if (isNonNullType(type)) return this.value(notNull(type), depth) ?? this.value(type, depth);
    if (draw(8) === 0) return null;
    if (isListType(type)) {
      if (draw(4) === 0) return this.value(type.ofType, depth + 1);
      return Array.from({ length: draw(3) }, () => this.value(type.ofType, depth + 1));
    }
    if (isEnumType(type)) return oneOf(draw, type.getValues()).name;
    if (!isInputObjectType(type)) return this.scalar(type.name);
    const fields = Object.values(type.getFields()).filter((one) => isNonNullType(one.type) || (depth < 3 && draw(2)));
    return Object.fromEntries(fields.map((one) => [one.name, this.value(one.type, depth + 1)]));
  }
}

function notNull(type: GraphQLInputType): GraphQLInputType {
  return isNonNullType(type) ? type.ofType : type;
}
