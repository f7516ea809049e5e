import { type FieldNode, type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';

/**
 * The keys under which the plan fetches what a client names itself.
 *
 * Keys of entities and the inputs of `@requires` are read from what was fetched, under the names of their fields. A client
 * that calls another field so, or asks for such a field with arguments of its own, would take their place: forged inputs, to
 * begin with. So every field with an alias or with arguments is fetched under a key that no field has.
 */
export class PrivateKeys {
  private readonly withArguments = new Set<string>();
  private readonly prefix: string;

  constructor(schema: GraphQLSchema) {
    const names = new Set<string>();
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isObjectType(type) && !isInterfaceType(type)) continue;
      for (const { name, args } of Object.values(type.getFields())) {
        names.add(name);
        if (args.length > 0) this.withArguments.add(name);
      }
    }
    let prefix = 'c_';
    while ([...names].some((name) => name.startsWith(prefix))) prefix = `c${prefix}`;
    this.prefix = prefix;
  }

  /** The key of a field of the client in what is fetched. */
  of({ alias, name }: FieldNode): string {
    if (alias) return this.prefix + alias.value;
    return this.withArguments.has(name.value) ? this.prefix + name.value : name.value;
  }

  /** What the client calls a key. */
  toClient(key: string | number): string | number {
    return typeof key === 'string' && key.startsWith(this.prefix) ? key.slice(this.prefix.length) : key;
  }
}
