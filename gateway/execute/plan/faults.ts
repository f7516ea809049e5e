import type { GraphQLFormattedError } from 'graphql';
import type { PrivateKeys } from './private-keys';

type Path = readonly (string | number)[];

interface Branch {
  children: Map<string | number, Branch>;
  /** An error stands here, or what is below is missing because of one. */
  isEnd: boolean;
}

const branch = (): Branch => ({ children: new Map(), isEnd: false });

/** The errors of one answer, and which missing values they account for. */
export class Faults {
  /** @param keys what the client calls the keys of what was fetched */
  constructor(private readonly keys: Pick<PrivateKeys, 'toClient'>) {}

  readonly errors: GraphQLFormattedError[] = [];
  private readonly root = branch();
  private readonly told = new Set<string>();

  /** The same error of two subgraphs at one place is told once. */
  add(error: GraphQLFormattedError): void {
    this.tell({ ...error, path: error.path?.map((element) => this.keys.toClient(element)) });
  }

  /** The same for an error whose path has the client's keys already. */
  tell(error: GraphQLFormattedError): void {
    const { message, path } = error;
    const key = JSON.stringify([path, message]);
    if (this.told.has(key)) return;
    this.told.add(key);
    this.errors.push(error);
    if (path) this.mark(path);
  }

  /** Whatever is missing at this place or below has its error already. */
  account(path: Path): void {
    this.mark(path.map((element) => this.keys.toClient(element)));
  }

  private mark(path: Path): void {
    let at = this.root;
    for (const element of path) {
      let next = at.children.get(element);
      if (!next) at.children.set(element, (next = branch()));
      at = next;
    }
    at.isEnd = true;
  }

  /** Whether an error above, at or below this place says why nothing is there. */
  accountsFor(path: Path): boolean {
    return this.errors.length > 0 && covers(this.root, path, 0);
  }
}

function covers(at: Branch, path: Path, depth: number): boolean {
  if (at.isEnd || depth === path.length) return true;
  const element = path[depth]!;
  const next = at.children.get(element);
  if (next && covers(next, path, depth + 1)) return true;
  const anyItem = typeof element === 'number' && at.children.get('@');
  return anyItem ? covers(anyItem, path, depth + 1) : false;
}
