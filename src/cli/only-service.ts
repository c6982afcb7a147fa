// The part of a status that is about one service, for those who asked for that one.
import { OneupError } from '../base/oneup-error.ts';
import type { StatusAnswer } from './render-status.ts';

/** Throws ONEUP_USAGE for a service that the answer does not know. Everything, where none was named. */
export function onlyService(answer: StatusAnswer, service: string | undefined): StatusAnswer {
  if (service === undefined) return answer;
  const { self, cluster } = answer;
  const known = (cluster?.services ?? self.lastKnown ?? []).map((one) => one.service);
  if (!known.includes(service)) {
    const message = `Cannot show service: ${service} is not configured, the services are ${known.join(', ')}`;
    throw new OneupError('ONEUP_USAGE', message, { remedy: 'Name one of the services' });
  }
  const isIt = (one: { readonly service: string }) => one.service === service;
  return {
    ...answer,
    self: { ...self, ...(self.lastKnown === undefined ? {} : { lastKnown: self.lastKnown.filter(isIt) }) },
    cluster: cluster === null ? null : { ...cluster, services: cluster.services.filter(isIt) },
  };
}
