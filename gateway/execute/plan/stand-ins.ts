/**
 * Fields that `@requires` names with different arguments.
 *
 * The planner fetches an input of `@requires` under the name of its field. Where subgraphs require one field with several sets of
 * arguments, one value takes the place of another, and a subgraph computes with what it did not ask for. So the planner is shown
 * a stand-in for each set: a field without arguments. Its plans name the field again (restored-plan.ts).
 */
import {
  type ArgumentNode,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  Kind,
  parse,
  print,
  type SelectionSetNode,
  visit,
} from 'graphql';

/** What a field of a subgraph requires by a stand-in. */
export interface Need {
  /** The type whose field requires it. */
  readonly type: string;
  /** From the object of that type: the keys, fragments left out. */
  readonly path: string;
  readonly standIn: string;
}

export class StandIns {
  /** What each one stands for. */
  readonly fields = new Map<string, { name: string; arguments: readonly ArgumentNode[] }>();
  private readonly byUse = new Map<string, string>();
  private readonly needs = new Map<string, Need[]>();

  /** @param supergraph with the definitions of the join specification */
  constructor(supergraph: DocumentNode) {
    const names = new Set<string>();
    const uses = new Map<string, Map<string, FieldNode>>();
    visit(supergraph, {
      FieldDefinition(field) {
        names.add(field.name.value);
        for (const { text } of requirements(field))
          visit(parse(text), {
            Field(node) {
              const ofField = uses.get(node.name.value) ?? new Map<string, FieldNode>();
              uses.set(node.name.value, ofField.set(useOf(node), node));
            },
          });
      },
    });
    let prefix = 'r';
    while ([...names].some((name) => name.startsWith(prefix))) prefix += '_';
    for (const [name, ofField] of uses) {
      if (ofField.size < 2) continue;
      for (const [use, node] of ofField) {
        const standIn = `${prefix}${this.fields.size}_${name}`;
        this.fields.set(standIn, { name, arguments: node.arguments ?? [] });
        this.byUse.set(use, standIn);
      }
    }
  }

  /** The fields of a type as the planner gets them. */
  shown(type: string, fields: readonly FieldDefinitionNode[]): FieldDefinitionNode[] {
    const shown = fields.map((field) => this.withStandIns(type, field));
    const added = [...this.fields].flatMap(([standIn, { name }]) =>
      shown
        .filter((field) => field.name.value === name)
        .map((field) => ({ ...field, name: { kind: Kind.NAME as const, value: standIn }, arguments: [] })),
    );
    return [...shown, ...added];
  }

  /** @param graph as `join__Graph` calls the subgraph */
  needsOf(graph: string, type: string, field: string): readonly Need[] {
    return this.needs.get(`${graph} ${type}.${field}`) ?? [];
  }

  private withStandIns(type: string, field: FieldDefinitionNode): FieldDefinitionNode {
    const directives = field.directives?.map((directive): ConstDirectiveNode => {
      const [requirement] = requirementsOf(directive);
      if (!requirement) return directive;
      const [definition] = parse(requirement.text).definitions;
      if (definition?.kind !== Kind.OPERATION_DEFINITION) return directive;
      const needs: Need[] = [];
      const selected = this.replaced(definition.selectionSet, type, '', needs);
      this.needs.set(`${requirement.graph} ${type}.${field.name.value}`, needs);
      const value = { kind: Kind.STRING as const, value: print(selected).slice(1, -1) };
      const given = directive.arguments?.map((one) => (one.name.value === 'requires' ? { ...one, value } : one));
      return { ...directive, arguments: given };
    });
    return { ...field, directives };
  }

  private replaced(set: SelectionSetNode, type: string, path: string, needs: Need[]): SelectionSetNode {
    const selections = set.selections.map((node) => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return node;
      if (node.kind === Kind.INLINE_FRAGMENT)
        return { ...node, selectionSet: this.replaced(node.selectionSet, type, path, needs) };
      const below = `${path}.${node.name.value}`;
      const selectionSet = node.selectionSet && this.replaced(node.selectionSet, type, below, needs);
      const standIn = this.byUse.get(useOf(node));
      if (standIn === undefined) return { ...node, selectionSet };
      needs.push({ type, path: below, standIn });
      return { ...node, name: { ...node.name, value: standIn }, arguments: [], selectionSet };
    });
    return { ...set, selections };
  }
}

/** A field with its arguments, without what is selected below. */
const useOf = (node: FieldNode): string => print({ ...node, selectionSet: undefined });

const requirements = ({ directives = [] }: FieldDefinitionNode) => directives.flatMap(requirementsOf);

function requirementsOf({ name, arguments: given = [] }: ConstDirectiveNode): { graph: string; text: string }[] {
  if (name.value !== 'join__field') return [];
  const [graph, text] = ['graph', 'requires'].map((key) => given.find((one) => one.name.value === key)?.value);
  if (graph?.kind !== Kind.ENUM || text?.kind !== Kind.STRING) return [];
  return [{ graph: graph.value, text: `{${text.value}}` }];
}
