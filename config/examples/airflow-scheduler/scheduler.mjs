// Stands in for `airflow scheduler`: takes runs from a database, writes a heartbeat into it, and tells its health as Airflow does.
// Like the schedulers of Airflow before 2.0 it looks at nobody else: two of them would both take runs, and nothing here prevents it.
// Usage: node scheduler.mjs NODE ADDRESS PORT DATABASE, or: node scheduler.mjs history DATABASE
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';

const HEARTBEAT_MS = 1000;
/** Airflow: scheduler_health_check_threshold, 30 s. */
const UNHEALTHY_AFTER_MS = 5000;
const RUN_EVERY_MS = 200;
/** While it waits it answers nobody. */
const BUSY_MS = 50;

const [first, ...rest] = process.argv.slice(2);
if (first === 'history') process.exitCode = history(rest[0]);
else run({ node: first, address: rest[0], port: Number(rest[1]), database: rest[2] });

function open(path) {
  const db = new DatabaseSync(path);
  db.exec(`pragma busy_timeout = ${BUSY_MS};
    create table if not exists job (id text primary key, node text, state text, latest_heartbeat integer);
    create table if not exists dag_run (id integer primary key autoincrement, job text, node text);`);
  return db;
}

function run({ node, address, port, database }) {
  const db = open(database);
  const job = randomUUID();
  let heartbeatMs = 0;
  db.prepare("insert into job values (?, ?, 'running', 0)").run(job, node);
  const beat = () => {
    const nowMs = Date.now();
    if (write('update job set latest_heartbeat = ? where id = ?', nowMs, job)) heartbeatMs = nowMs;
  };
  const write = (sql, ...values) => {
    try {
      db.prepare(sql).run(...values);
      return true;
    } catch (error) {
      // The next heartbeat is late then, and whoever asks for the health is told.
      console.error(`The database refuses: ${error.message}`);
      return false;
    }
  };
  beat();
  setInterval(beat, HEARTBEAT_MS);
  setInterval(() => write('insert into dag_run (job, node) values (?, ?)', job, node), RUN_EVERY_MS);
  createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(health(heartbeatMs))}\n`);
  }).listen(port, address);
  process.once('SIGTERM', () => {
    write("update job set state = 'success' where id = ?", job);
    process.exit(0);
  });
}

function health(heartbeatMs) {
  const isFresh = Date.now() - heartbeatMs < UNHEALTHY_AFTER_MS;
  return {
    metadatabase: { status: isFresh ? 'healthy' : 'unhealthy' },
    scheduler: {
      status: isFresh ? 'healthy' : 'unhealthy',
      latest_scheduler_heartbeat: new Date(heartbeatMs).toISOString(),
    },
  };
}

/** 1 when two schedulers took runs at the same time: then the runs of one stand between those of another. */
function history(database) {
  const rows = open(database)
    .prepare('select node, count(*) runs, min(id) first, max(id) last from dag_run group by job order by first')
    .all();
  for (const { node, runs, first, last } of rows) console.log(`${node} took ${runs} runs, number ${first} to ${last}`);
  const isTwice = rows.some(({ first }, index) => index > 0 && rows[index - 1].last > first);
  console.log(isTwice ? 'TWO SCHEDULERS RAN AT ONCE' : 'one at a time');
  return isTwice ? 1 : 0;
}
