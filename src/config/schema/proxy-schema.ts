// How people write the proxy through which a check or a hook is reached.
import * as z from 'zod';
import { loginKeys } from './check-server-schema.ts';
import { strictKeys } from './strict-keys.ts';

/** `way`: to what, for the description. */
export function proxySchema(way: string) {
  return z
    .union(
      [
        z.string(),
        strictKeys({
          url: z
            .string()
            .min(1)
            .meta({ description: 'place of the proxy', examples: ['socks5://192.0.2.1:1080'] }),
          ...loginKeys,
        }),
      ],
      { error: () => 'expected http://host:port or socks5://host:port, or a map with url' },
    )
    .optional()
    .meta({
      title: 'Proxy',
      description: `${way}: \`http://host:port\` (by CONNECT) or \`socks5://host:port\`, or a map with a login; the proxy resolves names [direct]`,
    });
}

export type ProxyWritten = NonNullable<z.output<ReturnType<typeof proxySchema>>>;
