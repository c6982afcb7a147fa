// How people write the listener of the API, through which agents reach a prober over the network.
import * as z from 'zod';
import { listenText } from './listen-text.ts';
import { strictKeys } from './strict-keys.ts';

const tlsSchema = strictKeys({
  cert: pem(
    'PEM text of the certificate of the prober, those that vouch for it after it',
    '${file:/etc/oneup/api-cert.pem}',
  ),
  key: pem('PEM text of the key of that certificate; kept secret', '${file:/etc/oneup/api-key.pem}'),
}).meta({ id: 'ApiTls', description: 'How a prober proves to agents who it is' });

/** Where one prober listens, for a machine with several. */
export const proberApiSchema = strictKeys({
  listen: listenText.meta({ description: 'where it listens for agents' }),
}).meta({ id: 'ProberApi', description: 'The API listener of one prober' });

export const apiSchema = strictKeys({
  listen: listenText.optional().meta({
    description:
      'where every prober listens for agents that has no `api.listen` of its own; 7800 is customary [nowhere]',
  }),
  tls: tlsSchema
    .optional()
    .meta({ description: 'certificate and key; only a listener on loopback may go without [none]' }),
}).meta({ id: 'Api', description: 'The API over the network' });

export type ApiWritten = z.output<typeof apiSchema>;

function pem(description: string, example: string) {
  return z
    .string()
    .min(1)
    .meta({ description, examples: [example] });
}
