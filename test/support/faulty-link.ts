// A TCP forwarder between a client and a server of a test, which a test can make fail as networks do: silent, or with an
// answer that never comes back although the server did what was asked.
import { connect, createServer, type Server, type Socket } from 'node:net';

export type LinkFault =
  | 'none'
  /** Everything that is sent stays on the way, both ways; connections stay open. */
  | 'silent'
  /** What the client sends arrives; the answer is dropped and the connection with it. */
  | 'answersLost'
  /** Nobody listens. */
  | 'refused';

export type FaultyLink = AsyncDisposable & {
  readonly port: number;
  readonly set: (fault: LinkFault) => void;
};

export async function startFaultyLink(target: { readonly host: string; readonly port: number }): Promise<FaultyLink> {
  let fault: LinkFault = 'none';
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    if (fault === 'refused') return void near.resetAndDestroy();
    const far = connect(target);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        (socket === near ? far : near).destroy();
      });
    }
    near.on('data', (data) => {
      if (fault !== 'silent') far.write(data);
    });
    far.on('data', (data) => {
      if (fault === 'answersLost') near.resetAndDestroy();
      else if (fault !== 'silent') near.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    set: (next) => {
      fault = next;
      if (next === 'refused') for (const socket of sockets) socket.resetAndDestroy();
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
