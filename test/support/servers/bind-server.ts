// Real BIND that takes updates of two zones from one key.
import { startSmallServer } from './small-server.ts';
import {
  OTHER_KEY,
  UPDATE_KEY,
  UPDATE_ZONES,
  type UpdateServer,
  type UpdateServerOptions,
  zoneFile,
} from './update-zones.ts';

export function startBind({ records = [], limitedTo }: UpdateServerOptions = {}): Promise<UpdateServer> {
  const rule = limitedTo === undefined ? 'zonesub ANY' : `name ${limitedTo} A AAAA CNAME TXT`;
  const keys = [UPDATE_KEY, OTHER_KEY].map(
    ({ name, algorithm, secret }) => `key "${name}" { algorithm ${algorithm}; secret "${secret}"; };\n`,
  );
  const zones = UPDATE_ZONES.map(
    (zone) =>
      `zone "${zone}" { type primary; file "${zone}.zone"; update-policy { grant ${UPDATE_KEY.name} ${rule}; }; };\n`,
  );
  return startSmallServer({
    program: 'named',
    debianPackage: 'bind9',
    args: ({ directory }) => ['-f', '-n', '1', '-c', `${directory}/named.conf`],
    files: ({ port, directory }) => ({
      ...Object.fromEntries(UPDATE_ZONES.map((zone) => [`${zone}.zone`, zoneFile(zone, records)])),
      'named.conf': `options { directory "${directory}"; pid-file none; session-keyfile none; listen-on port ${port} { 127.0.0.1; };
listen-on-v6 { none; }; recursion no; dnssec-validation no; notify no; managed-keys-directory "${directory}"; };
controls { };
${keys.join('')}${zones.join('')}`,
    }),
  });
}
