/** What there is in a random graph: every object has an identity, and every field of it one value, the same in each subgraph. */
import { createHash } from 'node:crypto';
import { Kind, type TypeNode } from 'graphql';
import type { RandomGraph } from './random-graph';

export interface Thing {
  __typename: string;
  /** Identity; the key, of entities. */
  id: string;
}

export class World {
  constructor(private readonly graph: Pick<RandomGraph, 'members' | 'enums' | 'entities'>) {}

  /** `null`, a scalar, a `Thing`, or lists of them, as the type says. */
  value(thing: Thing, field: string, type: TypeNode): unknown {
    if (field === 'id') return thing.id;
    return this.at(`${thing.id}.${field}`, type, true);
  }

  private at(place: string, type: TypeNode, isNullable: boolean): unknown {
    if (type.kind === Kind.NON_NULL_TYPE) return this.at(place, type.type, false);
    if (isNullable && number(`${place}?`, 7) === 0) return null;
    if (type.kind === Kind.LIST_TYPE)
      return Array.from({ length: number(`${place}#`, 4) }, (_, index) =>
        this.at(`${place}.${index}`, type.type, true),
      );
    return this.named(place, type.name.value);
  }

  private named(place: string, name: string): unknown {
    const { members, enums, entities } = this.graph;
    const among = members[name] ?? enums[name];
    if (enums[name]) return among![number(place, among!.length)];
    if (among) return this.named(`${place}:`, among[number(`${place}|`, among.length)]!);
    if (name === 'Int') return number(place, 100_000);
    if (/^(String|ID|Mark|Stamp)$/.test(name)) return `${name}-${number(place, 1_000_000)}`;
    const id = entities.includes(name) ? `${name}-${number(place, 3)}` : `${name}-${number(place, 1_000_000)}`;
    return { __typename: name, id } satisfies Thing;
  }
}

function number(text: string, limit: number): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) % limit;
}
