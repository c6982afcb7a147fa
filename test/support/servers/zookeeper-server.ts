// Real ZooKeeper servers from Debian's package, on loopback: one alone or an ensemble, each with its data in a directory of
// its own.
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-port.ts';
import { isListening } from './is-listening.ts';
import { StartedServer } from './started-server.ts';

const JAR = '/usr/share/java/zookeeper.jar';
/** Beside what the jar names itself: a logger, so that the server says what goes wrong, and what its secure port lacks. */
const MORE_JARS = ['slf4j-simple', 'netty-codec', 'netty-resolver'].map((name) => `/usr/share/java/${name}.jar`);
const MAIN = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
const HOST = '127.0.0.1';

export type ZookeeperOptions = {
  /** Servers of the ensemble [1]. */
  readonly servers?: number;
  /** More lines of the configuration of each; `%secure%` stands for its port for TLS. */
  readonly lines?: readonly string[];
  /** More options of the JVM. */
  readonly jvm?: readonly string[];
};

export type ZookeeperServer = {
  readonly host: string;
  readonly port: number;
  readonly securePort: number;
  readonly process: StartedServer;
  /** `standalone`, or its part in an ensemble; null while it does not serve. */
  readonly mode: () => Promise<string | null>;
};

export type ZookeeperServers = AsyncDisposable & { readonly servers: readonly ZookeeperServer[] };

export async function startZookeeper(options: ZookeeperOptions = {}): Promise<ZookeeperServers> {
  if (!existsSync(JAR)) throw new Error(`Cannot find ${JAR}: install the Debian package zookeeper`);
  const { servers: count = 1, lines = [], jvm = [] } = options;
  const directory = mkdtempSync(join(tmpdir(), 'oneup-zookeeper-'));
  const ports = await freePorts(count * 4);
  const hasSecurePort = lines.some((line) => line.includes('%secure%'));
  const members = Array.from({ length: count }, (_, at) => ports.slice(at * 4, at * 4 + 4));
  const ensemble = members.map(([, , peer, election], at) => `server.${at + 1}=${HOST}:${peer}:${election}`);
  const servers = members.map(([port = 0, securePort = 0], at): ZookeeperServer => {
    const own = join(directory, String(at + 1));
    const all = [...plainLines(own, port), ...(count > 1 ? ensemble : []), ...lines];
    mkdirSync(own);
    writeFileSync(join(own, 'myid'), String(at + 1));
    writeFileSync(join(own, 'zoo.cfg'), `${all.join('\n').replace('%secure%', String(securePort))}\n`);
    const process = new StartedServer({
      program: 'java',
      debianPackage: 'zookeeper',
      args: javaArguments(own, jvm),
      // The port for TLS is opened after the plain one.
      isReady: async () => (await askMode(port)) !== null && (!hasSecurePort || (await isListening(securePort))),
    });
    return { host: HOST, port, securePort, process, mode: () => askMode(port) };
  });
  async function dispose(): Promise<void> {
    await Promise.all(servers.map((server) => server.process.kill()));
    rmSync(directory, { recursive: true, force: true });
  }
  try {
    await Promise.all(servers.map((server) => server.process.start()));
  } catch (error) {
    await dispose();
    throw error;
  }
  return { servers, [Symbol.asyncDispose]: dispose };
}

function plainLines(directory: string, port: number): readonly string[] {
  return [
    'tickTime=500',
    'initLimit=20',
    'syncLimit=10',
    'maxClientCnxns=0',
    'admin.enableServer=false',
    '4lw.commands.whitelist=srvr',
    `dataDir=${directory}`,
    `clientPort=${port}`,
    `clientPortAddress=${HOST}`,
  ];
}

function javaArguments(directory: string, jvm: readonly string[]): readonly string[] {
  const small = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  // Only a crash of the machine would lose what is not flushed, and no test crashes the machine.
  const quick = ['-Dzookeeper.forceSync=no', '-Dzookeeper.preAllocSize=1024'];
  const words = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
  return [...small, ...quick, ...words, ...jvm, '-cp', [JAR, ...MORE_JARS].join(':'), MAIN, join(directory, 'zoo.cfg')];
}

/** What the server says of itself on its plain port. */
async function askMode(port: number): Promise<string | null> {
  const socket = connect(port, HOST);
  socket.setTimeout(5_000, () => socket.destroy());
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.write('srvr');
  await once(socket, 'close').catch(() => undefined);
  return /Mode: (\w+)/.exec(text)?.[1] ?? null;
}
