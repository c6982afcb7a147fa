// The way to a hook through a proxy: a tunnel by CONNECT or SOCKS5, and TLS with the hook itself inside it, so that the proxy can
// neither read nor write what is said. Not one byte of an order is sent before the tunnel stands.
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ProxyTarget } from '../../config/check-target.ts';
import type { HttpActionConfig } from '../../config/config.ts';
import { askProxy } from '../../probe/proxy-request.ts';

export type Tunnel = {
  /** Resolves with the connection to the hook; rejects when the way does not open, with a reason that names the proxy. */
  readonly opened: Promise<Socket>;
  /** Through whom it leads, for a reason. */
  readonly way: string;
  /** Leaves no socket behind; the connection to the hook goes too. */
  readonly close: () => void;
};

type Hook = { readonly url: URL; readonly ca: HttpActionConfig['ca'] };

export function openTunnel(proxy: ProxyTarget, { url, ca }: Hook): Tunnel {
  const way = `through the ${proxy.kind} proxy ${proxy.host}:${proxy.port}`;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isTls = url.protocol === 'https:';
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
  const sockets: Socket[] = [];
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  const watched = <Kind extends Socket>(socket: Kind): Kind => {
    sockets.push(socket);
    // `on`, not `once`: an error that comes after the result must not bring the process down.
    socket.on('error', broken.reject);
    socket.once('close', () => broken.reject(new Error('the connection closed before the way was open')));
    return socket;
  };
  const open = async (): Promise<Socket> => {
    const raw = watched(connectTcp({ host: proxy.host, port: proxy.port }));
    await happens(raw, 'connect');
    await askProxy(raw, { proxy, host, port, onAsked: () => {} });
    if (!isTls) return raw;
    const secure = watched(
      connectTls({
        socket: raw,
        host,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(ca === null ? {} : { ca }),
      }),
    );
    await happens(secure, 'secureConnect');
    return secure;
  };
  const opened = Promise.race([open(), broken.promise]).catch((error: unknown) => {
    throw new Error(`${explain(error)} (${way})`);
  });
  opened.catch(() => {});
  // TLS first: Node 24 ends with a segmentation fault when the socket below it is destroyed just before.
  const close = () => {
    for (const socket of sockets.toReversed()) socket.destroy();
  };
  return { opened, way, close };
}

function happens(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve) => {
    socket.once(event, () => resolve());
  });
}

/** The code says what happened; messages of libraries may hold more than is anybody's business. Those of ours hold no secrets. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
