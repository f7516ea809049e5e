/**
 * The product's gateway and the stubs in one process, called as `npm start` calls its subgraphs. `in-process.js`, in the
 * environment of a gateway process, with the options of the stubs in STUBS; their counts over IPC.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { readGatewayConfig } from '../../gateway/config';
import { createGateway, inProcessTransport, openOperations, ratesOf } from '../../gateway/create-gateway';
import { createLogger } from '../../platform/log';
import { listen, runProgram } from '../../platform/process';
import { answerCounts } from './counts';
import { type StubOptions, SubgraphStub } from './subgraph-stub';

runProgram(async () => {
  const stubs = (JSON.parse(process.env.STUBS!) as StubOptions[]).map((options) => new SubgraphStub(options));
  const config = readGatewayConfig();
  const { settings, supergraphFile } = config;
  const gateway = await createGateway({
    ...config,
    supergraphSdl: readFileSync(supergraphFile, 'utf8'),
    transports: Object.fromEntries(stubs.map((stub) => [stub.options.name, inProcessTransport(stub)])),
    rates: ratesOf(settings),
    operations: await openOperations(settings),
    log: createLogger('gateway', settings.LOG_LEVEL),
  });
  await listen(createServer(gateway.handler), settings.PORT, settings.HOST);
  answerCounts(stubs);
});
