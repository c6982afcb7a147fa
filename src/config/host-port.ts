// Splits "host:port" texts: 127.0.0.1:53, [::1]:53, db.example.com:5432.
import { err, ok, type Result } from '../base/result.ts';
import type { Endpoint } from './config.ts';
import { parseDomainName } from './domain-name.ts';
import { parseIpAddress } from './ip-address.ts';

/** Port 0 is accepted only where it means "any free port"; host names only where something is asked, not listened on. */
export function parseHostPort(
  text: string,
  { purpose }: { readonly purpose: 'listen' | 'ask' },
): Result<Endpoint, string> {
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  if (parts === null) return err('expected address:port, such as 127.0.0.1:53 or [::1]:53');
  const [, bracketed, plain, portText] = parts;
  const port = Number(portText);
  if (port > PORT_MAX || (purpose === 'ask' && port === 0)) return err(`expected a port of at most ${PORT_MAX}`);
  const host = bracketed ?? plain ?? '';
  const address = parseIpAddress(host);
  if (address.ok) {
    if ((address.value.family === 6) !== (bracketed !== undefined)) return err('expected brackets around IPv6 only');
    return ok({ host: address.value.text, port });
  }
  if (purpose === 'listen' || bracketed !== undefined || /^[\d.]+$/.test(host)) return err(address.error);
  const name = parseDomainName(host);
  // Resolvers take host names without the trailing dot; the core's absolute form is for DNS data.
  return name.ok ? ok({ host: name.value.slice(0, -1), port }) : name;
}

const PORT_MAX = 65_535;
