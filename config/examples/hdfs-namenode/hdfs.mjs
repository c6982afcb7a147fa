// Stands in for the `hdfs` of Hadoop, with the words that oneup uses: a NameNode that is born a standby, answers `haadmin` over RPC
// and /jmx over HTTP, and as active writes edits to a journal. The journal, a database here, stands for the JournalNodes: it takes
// edits of the newest writer only, and a NameNode that is refused there ends itself.
// Usage: hdfs.mjs namenode ID | haadmin -getServiceState|-checkHealth|-transitionToStandby|-transitionToActive [--forceactive] ID | history
import { existsSync, readFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const SITE = join(HERE, 'hdfs-site.json');
const JOURNAL = join(HERE, 'journal.db');
const EDIT_EVERY_MS = 100;
/** Hadoop waits longer; oneup gives up by the `timeout` of the action. */
const RPC_TIMEOUT_MS = 20_000;
const LINE_MAX = 4096;

const [command, ...words] = process.argv.slice(2);
if (command === 'namenode') runNameNode(words[0]);
else if (command === 'haadmin') await haadmin(words);
else if (command === 'history') process.exitCode = tellHistory();
else usage('expected namenode, haadmin or history');

function usage(problem) {
  console.error(`hdfs.mjs: ${problem}; see its first lines`);
  process.exit(2);
}

function readSite() {
  return existsSync(SITE) ? JSON.parse(readFileSync(SITE, 'utf8')) : {};
}

function allSites() {
  return Object.keys(readSite());
}

function siteOf(id) {
  return readSite()[id] ?? usage(`hdfs-site.json has no NameNode ${id}`);
}

function openJournal() {
  const db = new DatabaseSync(JOURNAL);
  db.exec(`pragma busy_timeout = 2000;
    create table if not exists writer (epoch integer primary key autoincrement, node text);
    create table if not exists edit (id integer primary key autoincrement, epoch integer, node text);`);
  return db;
}

function runNameNode(id) {
  const { address, rpc, http } = siteOf(id);
  const journal = openJournal();
  const write = journal.prepare('insert into edit (epoch, node) select ?, ? where ? = (select max(epoch) from writer)');
  let state = 'standby';
  let epoch = 0;
  const edit = () => {
    if (state !== 'active' || write.run(epoch, id, epoch).changes === 1) return;
    console.error(`The journal promised a newer writer than epoch ${epoch}: this NameNode ends`);
    process.exit(1);
  };
  const verbs = {
    '-getServiceState': () => state,
    '-checkHealth': () => '',
    '-transitionToStandby': () => {
      state = 'standby';
      return '';
    },
    '-transitionToActive': () => {
      if (state === 'active') return '';
      epoch = Number(journal.prepare('insert into writer (node) values (?)').run(id).lastInsertRowid);
      state = 'active';
      return '';
    },
  };
  setInterval(edit, EDIT_EVERY_MS);
  createServer((socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      if (text.length > LINE_MAX) socket.destroy();
      const verb = text.split('\n', 1)[0];
      if (text.includes('\n'))
        socket.end(Object.hasOwn(verbs, verb) ? `ok ${verbs[verb]()}\n` : 'error unknown verb\n');
    });
  }).listen(rpc, address);
  createHttp((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      `${JSON.stringify({ beans: [{ name: 'Hadoop:service=NameNode,name=NameNodeStatus', State: state }] })}\n`,
    );
  }).listen(http, address);
}

/** As Hadoop does: without --forceactive it asks every other NameNode first, and one that does not answer is in the way. */
async function haadmin([verb = '', ...words]) {
  const isForced = words.includes('--forceactive');
  const id = words.find((word) => !word.startsWith('--')) ?? '';
  siteOf(id);
  try {
    const others = verb === '-transitionToActive' && !isForced ? allSites().filter((other) => other !== id) : [];
    for (const other of others) {
      if ((await ask(other, '-getServiceState')) === 'active') throw new Error(`${other} is already active`);
    }
    const said = await ask(id, verb);
    if (said !== '') console.log(said);
  } catch (error) {
    console.error(`Operation failed: ${verb} of ${id}: ${error.message}`);
    process.exitCode = 255;
  }
}

function ask(id, verb) {
  const { address, rpc } = siteOf(id);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port: rpc });
    let text = '';
    const fail = (reason) => {
      socket.destroy();
      reject(new Error(`${id} at ${address}:${rpc}: ${reason}`));
    };
    socket.setTimeout(RPC_TIMEOUT_MS, () => fail('no answer in time'));
    socket.setEncoding('utf8').on('error', (error) => fail(error.code ?? error.message));
    socket.on('data', (chunk) => {
      text = `${text}${chunk}`.slice(0, LINE_MAX);
    });
    socket.on('end', () => {
      if (text.startsWith('ok ')) resolve(text.slice(3).trim());
      else fail(text.trim() || 'the connection was closed');
    });
    socket.write(`${verb}\n`);
  });
}

/** 1 when edits of one writer stand between those of another: then two NameNodes wrote at the same time. */
function tellHistory() {
  const rows = openJournal()
    .prepare('select epoch, node, count(*) edits, min(id) first, max(id) last from edit group by epoch order by first')
    .all();
  for (const { epoch, node, edits } of rows) console.log(`epoch ${epoch}: ${node} wrote ${edits} edits`);
  const isTwice = rows.some(({ first }, index) => index > 0 && rows[index - 1].last > first);
  console.log(isTwice ? 'TWO NAMENODES WROTE AT ONCE' : 'one writer at a time');
  return isTwice ? 1 : 0;
}
