// Real proxies for tests: tinyproxy for CONNECT, microsocks for SOCKS5, with a login or without.
import { Secret } from '../../../src/base/secret.ts';
import type { ProxyTarget } from '../../../src/config/check-target.ts';
import { startSmallServer } from './small-server.ts';

export const LOGIN = { username: 'probe', password: new Secret('proxy-Secret-7') };

function startSocks(login: boolean) {
  const words = login ? ['-u', LOGIN.username, '-P', LOGIN.password.reveal()] : [];
  return startSmallServer({
    program: 'microsocks',
    debianPackage: 'microsocks',
    args: ({ port }) => ['-i', '127.0.0.1', '-p', `${port}`, ...words],
  });
}

function startTinyproxy(login: boolean) {
  return startSmallServer({
    program: 'tinyproxy',
    debianPackage: 'tinyproxy',
    args: ({ directory }) => ['-d', '-c', `${directory}/tinyproxy.conf`],
    files: ({ port }) => ({
      'tinyproxy.conf': `Port ${port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\nAllow 127.0.0.1\n${
        login ? `BasicAuth ${LOGIN.username} ${LOGIN.password.reveal()}\n` : ''
      }`,
    }),
  });
}

/** How to be reached through the proxy at `port` of 127.0.0.1. */
export function by(kind: ProxyTarget['kind'], port: number, login: Partial<ProxyTarget> = {}): ProxyTarget {
  return { kind, host: '127.0.0.1', port, username: null, password: null, ...login };
}

export const STARTERS = { http: startTinyproxy, socks5: startSocks } as const;
