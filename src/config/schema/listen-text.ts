// Where a name server listens: one endpoint or a list of them.
import * as z from 'zod';
import { err } from '../../base/result.ts';
import { parseHostPort } from '../host-port.ts';
import { textValue } from './text-value.ts';

/** One process hardly has more interfaces than this; each costs two sockets. */
const LISTEN_MAX = 16;

const endpointText = textValue({ kind: 'endpoint', expected: 'an endpoint such as 127.0.0.1:53' }, (text) => {
  const endpoint = parseHostPort(text, { purpose: 'listen' });
  if (endpoint.ok) return endpoint;
  return err({ reason: endpoint.error, remedy: 'Write 0.0.0.0:53, 127.0.0.1:53 or [::1]:53' });
});

/** Always a list in the output. */
export const listenText = z
  .union([endpointText, z.array(endpointText).min(1).max(LISTEN_MAX)], {
    error: () => 'expected an endpoint such as 127.0.0.1:53, or a list of them',
  })
  .transform((listen) => (Array.isArray(listen) ? listen : [listen]));
