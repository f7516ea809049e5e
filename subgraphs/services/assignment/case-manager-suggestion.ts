import type { Service } from '../service/service.entity';
import { PERIODS_PER_YEAR } from '../service/service.enums';

type Measured = Pick<Service, 'state' | 'providerId' | 'frequency' | 'minutes'>;

/**
 * The provider of the greatest service, by minutes in a school year: the default choice of a case manager (SEIS-40). A
 * suggestion, not a rule. Null when no active service has a provider.
 */
export function suggestedCaseManager(services: readonly Measured[]): string | null {
  const minutes = ({ frequency, minutes: perPeriod }: Measured): number => PERIODS_PER_YEAR[frequency] * perPeriod;
  const [greatest] = services
    .filter((row) => row.state === 'ACTIVE' && row.providerId !== null)
    .sort((a, b) => minutes(b) - minutes(a));
  return greatest?.providerId ?? null;
}
