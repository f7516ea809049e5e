import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { Reads, RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Provider } from '../provider/provider.entity';
import { ProviderLoader } from '../provider/provider.loader';
import { ReconciliationLoader } from '../reconciliation/reconciliation.loader';
import { ServiceReconciliation } from '../reconciliation/reconciliation.types';
import { IepRef } from '../references/iep.reference';
import { StudentRef } from '../references/student.reference';
import { serviceName } from './service-codes';
import { Service } from './service.entity';
import { ServiceState } from './service.enums';
import { AddServiceInput, AddServicePayload, TerminateServiceInput, TerminateServicePayload } from './service.inputs';
import { ServiceLoader } from './service.loader';
import { ServiceRepository } from './service.repository';
import { ServiceService } from './service.service';

@Resolver(() => Service)
export class ServiceResolver {
  @FieldResolver(() => StudentRef, { nullable: true, description: 'The student.' })
  student(@Root() { studentId }: Service): StudentRef {
    return { id: studentId };
  }

  @FieldResolver(() => IepRef, {
    nullable: true,
    description: 'The newest plan that orders it; null when it was entered by hand.',
  })
  iep(@Root() { iepId }: Service): IepRef | null {
    return iepId ? { id: iepId } : null;
  }

  @FieldResolver(() => String, { description: 'What the code stands for.' })
  name(@Root() { code }: Service): string {
    return serviceName(code);
  }

  @FieldResolver(() => Provider, {
    nullable: true,
    description: 'Who delivers it; in Louisiana the teacher of record (SER-105).',
  })
  provider(@Ctx() ctx: RequestContext, @Root() { providerId }: Service): Promise<Provider | null> {
    return ctx.get(ProviderLoader).load(providerId);
  }

  @FieldResolver(() => Service, { nullable: true, description: 'The reported main row, for an extra row.' })
  async parentService(@Ctx() ctx: RequestContext, @Root() { parentServiceId }: Service): Promise<Service | null> {
    return parentServiceId ? ctx.get(ServiceLoader).byId.load(parentServiceId) : null;
  }

  @RequiresScopes('service:write')
  @Mutation(() => AddServicePayload, {
    description:
      'Adds a service to a draft plan, or by hand as an active one. Rules: V-016 to V-018, V-067, V-137, SER-101, SER-108.',
  })
  async addService(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The service.' }) input: AddServiceInput,
  ): Promise<AddServicePayload> {
    const outcome = await ctx.mutate('addService', input, async (session) => ({
      ids: { service: await session.get(ServiceService).add(input) },
    }));
    return { errors: outcome.errors, service: await written(ctx, outcome.ids.service) };
  }

  @RequiresScopes('service:write')
  @Mutation(() => TerminateServicePayload, {
    description:
      'Ends a service together with its extra rows; withdraws one that is proposed or has not begun. Rules: V-062, SER-101.',
  })
  async terminateService(
    @Ctx() ctx: RequestContext,
    @Arg('input', { description: 'The service, its last day and the reason.' }) input: TerminateServiceInput,
  ): Promise<TerminateServicePayload> {
    const outcome = await ctx.mutate('terminateService', input, async (session) => {
      await session.get(ServiceService).terminate(input);
      return { ids: { service: input.serviceId } };
    });
    return { errors: outcome.errors, service: await written(ctx, outcome.ids.service) };
  }
}

const written = (ctx: RequestContext, id?: string): Promise<Service | null> =>
  id ? ctx.get(ServiceRepository).findById(id) : Promise.resolve(null);

@Resolver(() => StudentRef)
export class StudentServicesResolver {
  @FieldResolver(() => [Service], { nullable: true, description: 'Services of the student, most recent first.' })
  async services(
    @Ctx() ctx: RequestContext,
    @Root() { id }: StudentRef,
    @Reads('Service.state')
    @Arg('state', () => ServiceState, { nullable: true, description: 'Only services that stand so.' })
    state?: ServiceState | null,
  ): Promise<Service[]> {
    const services = await ctx.get(ServiceLoader).ofStudent.load(id);
    return state ? services.filter((service) => service.state === state) : services;
  }

  @RequiresScopes('service:read')
  @FieldResolver(() => Boolean, {
    nullable: true,
    description: 'True when a service is active: another LEA cannot claim the student then (SER-28).',
  })
  async hasOpenServices(@Ctx() ctx: RequestContext, @Root() { id }: StudentRef): Promise<boolean> {
    return (await ctx.get(ServiceLoader).ofStudent.load(id)).some((service) => service.state === 'ACTIVE');
  }
}

@Resolver(() => IepRef)
export class IepServicesResolver {
  @FieldResolver(() => [Service], {
    nullable: true,
    description:
      'Services that the plan orders, most recent first. A draft that was reactivated, or continues an unagreed plan, also lists those that it carries on.',
  })
  services(@Ctx() ctx: RequestContext, @Root() { id }: IepRef): Promise<Service[]> {
    return ctx.get(ServiceLoader).listedIn.load(id);
  }

  @FieldResolver(() => ServiceReconciliation, {
    nullable: true,
    description:
      'How the plan in force differs from the services that are delivered: V-071. Null for every other plan, and for a former district.',
  })
  serviceReconciliation(@Ctx() ctx: RequestContext, @Root() { id }: IepRef): Promise<ServiceReconciliation | null> {
    return ctx.get(ReconciliationLoader).ofPlan.load(id);
  }
}
