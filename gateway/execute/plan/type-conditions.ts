import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from 'graphql';
import { type JsonObject } from './json';

/** Answers whether an object of one type fits a type condition, and remembers it. */
export class TypeConditions {
  private readonly known = new Map<string, Map<string, boolean>>();

  constructor(private readonly schema: GraphQLSchema) {}

  /** A type fits itself, its interfaces and its unions. `typename` may be an interface's, of an interface object. */
  fits(typename: string, condition: string): boolean {
    if (typename === condition) return true;
    // Not remembered: a subgraph may tell any number of names.
    if (!this.schema.getType(typename)) return false;
    let byType = this.known.get(condition);
    if (!byType) this.known.set(condition, (byType = new Map()));
    let answer = byType.get(typename);
    if (answer === undefined) byType.set(typename, (answer = this.isSubType(typename, condition)));
    return answer;
  }

  /** @param unknown the answer for an object that does not tell its type */
  objectFits(object: JsonObject, condition: string, unknown: boolean): boolean {
    const typename = object.__typename;
    return typeof typename === 'string' ? this.fits(typename, condition) : unknown;
  }

  isConcrete(typename: unknown): boolean {
    return typeof typename === 'string' && isObjectType(this.schema.getType(typename));
  }

  private isSubType(typename: string, condition: string): boolean {
    const type = this.schema.getType(typename);
    const general = this.schema.getType(condition);
    if (!isAbstractType(general) || !(isObjectType(type) || isInterfaceType(type))) return false;
    return this.schema.isSubType(general, type);
  }
}
