// Keys that several kinds of check share: where the server is, how it is recognised, and who we are.
import * as z from 'zod';
import { strictKeys } from './strict-keys.ts';

export const hostKey = z
  .string()
  .min(1)
  .optional()
  .meta({ description: 'address or name of the server [`{address}`]' });

export function portKey(usual: number) {
  return z.int().min(1).max(65_535).default(usual).meta({ description: 'port of the server' });
}

export const checkTlsSchema = strictKeys({
  ca: z.string().min(1).optional().meta({
    description: 'PEM text of the authority that signed the certificate [those of the system]',
  }),
  serverName: z.string().min(1).optional().meta({
    description: 'name that is asked for and that the certificate must carry [`host`]',
  }),
  verify: z.boolean().default(true).meta({ description: '`false` accepts any certificate' }),
}).meta({ id: 'CheckTls', description: 'How a server proves who it is' });

export const loginKeys = {
  username: z.string().min(1).optional().meta({ description: 'user to log in as' }),
  password: z.string().min(1).optional().meta({ description: 'password of the user; kept secret' }),
};
