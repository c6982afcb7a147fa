// What clients get: asks the first name server for the addresses, then each address for its page. node look.mjs SERVER PORT
import { Resolver } from 'node:dns/promises';

const [server, port] = process.argv.slice(2);
const resolver = new Resolver();
resolver.setServers([server]);
for (const address of (await resolver.resolve4('web.ha.example.com')).sort()) {
  const page = await fetch(`http://${address}:${port}/`).then(
    (response) => response.text(),
    () => 'does not answer\n',
  );
  process.stdout.write(`${address} ${page}`);
}
