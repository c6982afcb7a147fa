// Real Knot DNS that takes updates of two zones from one key.
import { startSmallServer } from './small-server.ts';
import {
  OTHER_KEY,
  UPDATE_KEY,
  UPDATE_ZONES,
  type UpdateServer,
  type UpdateServerOptions,
  zoneFile,
} from './update-zones.ts';

export function startKnot({ records = [], limitedTo }: UpdateServerOptions = {}): Promise<UpdateServer> {
  const keys = [UPDATE_KEY, OTHER_KEY].map(
    ({ name, algorithm, secret }) => `  - id: ${name}\n    algorithm: ${algorithm}\n    secret: ${secret}\n`,
  );
  const names = limitedTo === undefined ? '' : `    update-owner: name\n    update-owner-name: [${limitedTo}.]\n`;
  const zones = UPDATE_ZONES.map((zone) => `  - domain: ${zone}\n    file: ${zone}.zone\n    acl: [reads, writes]\n`);
  return startSmallServer({
    program: 'knotd',
    debianPackage: 'knot',
    args: ({ directory }) => ['-c', `${directory}/knot.conf`],
    files: ({ port, directory }) => ({
      ...Object.fromEntries(UPDATE_ZONES.map((zone) => [`${zone}.zone`, zoneFile(zone, records)])),
      'knot.conf': `server:
    rundir: ${directory}
    listen: 127.0.0.1@${port}
    udp-workers: 1
    tcp-workers: 2
    background-workers: 1
database:
    storage: ${directory}
key:
${keys.join('')}acl:
  - id: reads
    key: [${UPDATE_KEY.name}, ${OTHER_KEY.name}]
    action: query
  - id: writes
    key: ${UPDATE_KEY.name}
    action: update
${names}template:
  - id: default
    storage: ${directory}
    zonefile-sync: -1
    journal-content: changes
zone:
${zones.join('')}`,
    }),
  });
}
