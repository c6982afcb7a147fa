// A real BIND as primary, which takes signed updates, and a second one that follows it by NOTIFY and IXFR.
import { freePort } from '../support/servers/free-port.ts';
import { type SmallServer, startSmallServer } from '../support/servers/small-server.ts';
import { UPDATE_KEY } from '../support/servers/update-zones.ts';
import type { DemoZone } from './demo-provider.ts';

export async function startBindPair(zone: string): Promise<DemoZone> {
  const [first, second] = [await freePort(), await freePort()];
  const { name, algorithm, secret } = UPDATE_KEY;
  const key = `key "${name}" { algorithm ${algorithm}; secret "${secret}"; };\n`;
  const primary = await startNamed(
    first,
    `${key}zone "${zone}" { type primary; file "zone.db"; notify explicit;
  also-notify { 127.0.0.1 port ${second}; }; notify-delay 0; allow-transfer { 127.0.0.1; };
  update-policy { grant ${name} zonesub ANY; }; };`,
    {
      'zone.db': `${zone}. 60 IN SOA ns1.${zone}. hostmaster.${zone}. 1 60 5 86400 1
${zone}. 60 IN NS ns1.${zone}.
${zone}. 60 IN NS ns2.${zone}.
ns1.${zone}. 60 IN A 127.0.0.1
ns2.${zone}. 60 IN A 127.0.0.1
`,
    },
  );
  const secondary = await startNamed(
    second,
    `zone "${zone}" { type secondary; file "copy.db"; primaries { 127.0.0.1 port ${first}; }; notify no; };`,
    {},
  ).catch(async (error: unknown) => {
    await primary[Symbol.asyncDispose]();
    throw error;
  });
  return {
    written: `kind: rfc2136, zones: [${zone}], server: "127.0.0.1:${first}", tsig: { name: ${name}, algorithm: ${algorithm}, secret: "${secret}" }`,
    servers: [
      { name: 'primary', port: first },
      { name: 'secondary', port: second },
    ],
    ttlMaxSeconds: 0,
    [Symbol.asyncDispose]: async () => {
      await secondary[Symbol.asyncDispose]();
      await primary[Symbol.asyncDispose]();
    },
  };
}

function startNamed(port: number, zones: string, files: Readonly<Record<string, string>>): Promise<SmallServer> {
  return startSmallServer({
    program: 'named',
    debianPackage: 'bind9',
    port,
    args: ({ directory }) => ['-f', '-n', '1', '-c', `${directory}/named.conf`],
    files: ({ directory }) => ({
      ...files,
      'named.conf': `options { directory "${directory}"; pid-file none; session-keyfile none; listen-on port ${port} { 127.0.0.1; };
listen-on-v6 { none; }; recursion no; dnssec-validation no; notify-rate 1000; managed-keys-directory "${directory}"; };
controls { };
${zones}
`,
    }),
  });
}
