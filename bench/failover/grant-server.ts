// A node's server for the benchmark: it listens all the time and answers 200 only while the file of its grant is there.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';

const [address = '', port = '', grant = ''] = process.argv.slice(2);
createServer((_request, response) => {
  response.statusCode = existsSync(grant) ? 200 : 503;
  response.end();
}).listen(Number(port), address);
