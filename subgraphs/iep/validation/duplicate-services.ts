import type { PublishedService } from '../published/published-rows';

/**
 * Reportable services of a plan that stand there twice (domain C.5): same code, frequency, delivery and location, not
 * marked "do not report", not terminated. The first of each is not named.
 */
export function duplicateServices(services: readonly PublishedService[]): PublishedService[] {
  const seen = new Set<string>();
  return services.filter((service) => {
    if (service.doNotReport || service.state === 'TERMINATED') return false;
    const key = JSON.stringify([service.code, service.frequency, service.delivery, service.location]);
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}
