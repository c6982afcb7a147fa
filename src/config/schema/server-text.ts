// A server that is asked something: host:port.
import { err } from '../../base/result.ts';
import { parseHostPort } from '../host-port.ts';
import { textValue } from './text-value.ts';

export const serverText = textValue({ kind: 'endpoint', expected: 'a server such as ns1.example.com:53' }, (text) => {
  const endpoint = parseHostPort(text, { purpose: 'ask' });
  if (endpoint.ok) return endpoint;
  return err({ reason: endpoint.error, remedy: 'Write host:port, such as ns1.example.com:53 or [2001:db8::53]:53' });
});
