import { type Clock, systemClock } from '../../platform/clock';
import { createLogger } from '../../platform/log';
import { Dispatcher } from '../../platform/outbox/dispatcher';
import type { System } from '../../scripts/system';

/** Delivers what waits, where consumers are stopped: twice, because consumers tell events of their own. */
export async function deliverEvents(
  { databases, subgraphs }: Pick<System, 'databases' | 'subgraphs'>,
  clock: Clock = systemClock,
): Promise<void> {
  for (let round = 0; round < 2; round++) {
    for (const { name, consumes } of Object.values(subgraphs)) {
      if (Object.keys(consumes).length === 0) continue;
      await new Dispatcher({
        database: databases[name as keyof typeof databases],
        clock,
        log: createLogger('test', 'warn'),
        consumer: name,
        handlers: consumes,
      }).drain();
    }
  }
}
