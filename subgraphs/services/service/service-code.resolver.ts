import { Field, ObjectType, Query, Resolver } from 'type-graphql';
import { Authenticated, ListSize } from '../../../platform/graphql/directives';
import { SERVICE_NAMES } from './service-codes';

@Authenticated()
@ObjectType({ description: 'A kind of service that a plan can order.' })
export class ServiceCode {
  @Field({ description: 'The state’s code, such as 415.' }) code: string;
  @Field({ description: 'What it stands for.' }) name: string;
}

/** The list that SER-108 is about: reference data, the same for everybody. */
@Resolver()
export class ServiceCodeResolver {
  @Authenticated()
  @ListSize(50)
  @Query(() => [ServiceCode], {
    description: 'The codes that a service, and the permission of a provider, can have (SER-108), by code.',
  })
  serviceCodes(): ServiceCode[] {
    return Object.entries(SERVICE_NAMES).map(([code, name]) => ({ code, name }));
  }
}
