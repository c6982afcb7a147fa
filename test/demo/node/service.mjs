// The protected service of the demo: an HTTP server that needs a second until it answers, and then says where it runs.
import { createServer } from 'node:http';

const WARM_UP_MS = 1_000;
const [node = '', address = '', port = ''] = process.argv.slice(2);
const server = createServer((_request, response) => response.end(`${node}\n`));
setTimeout(() => server.listen(Number(port), address), WARM_UP_MS);
