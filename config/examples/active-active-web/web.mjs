// A web server: node web.mjs ID ADDRESS PORT. It serves the release that lies in site-ID, and says how many requests it works on.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [id, address, port] = process.argv.slice(2);
let open = 0;

const server = createServer((request, response) => {
  response.setHeader('connection', 'close');
  if (request.url === '/open') return response.end(`${open}\n`);
  open += 1;
  response.on('close', () => {
    open -= 1;
  });
  try {
    response.end(`${id}: ${readFileSync(`site-${id}/release`, 'utf8')}`);
  } catch (error) {
    response.writeHead(503).end(`${id} has no release: ${error.code}\n`);
  }
});
server.listen(Number(port), address);
