// Redis checks against a real server: with and without login, both parts, stopped, gone; and the reader of replies alone.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Secret } from '../../../src/base/secret.ts';
import type { RedisTarget } from '../../../src/config/check-target.ts';
import { readRedisReply } from '../../../src/probe/redis-reply.ts';
import { look } from '../../support/look.ts';
import { startSmallServer } from '../../support/servers/small-server.ts';

const PASSWORD = 'redis-Secret-7';

function startRedis(settings: readonly string[] = []) {
  return startSmallServer({
    program: 'redis-server',
    debianPackage: 'redis-server',
    args: ({ port, directory }) => [
      ...[
        '--port',
        `${port}`,
        '--bind',
        '127.0.0.1',
        '--dir',
        directory,
        '--save',
        '',
        '--daemonize',
        'no',
        ...settings,
      ],
    ],
  });
}

function target(port: number, change: Partial<RedisTarget> = {}): RedisTarget {
  return { kind: 'redis', host: '127.0.0.1', port, username: null, password: null, tls: null, role: null, ...change };
}

describe('redisCheck', () => {
  test('passes with PONG and the wanted part, with the time of each phase', async () => {
    await using redis = await startRedis();
    const result = await look(target(redis.port, { role: 'primary' }));
    assert.equal(result.kind, 'pass', JSON.stringify(result));
    assert.deepEqual(Object.keys(result.phases), ['resolve', 'connect', 'firstByte', 'body']);
    const replica = await look(target(redis.port, { role: 'replica' }));
    assert.ok(replica.kind === 'fail');
    assert.match(replica.reason, /the server is not a replica/);
  });

  test('a replica is one, and no primary', async () => {
    await using primary = await startRedis();
    await using replica = await startRedis(['--replicaof', '127.0.0.1', `${primary.port}`]);
    assert.equal((await look(target(replica.port, { role: 'replica' }))).kind, 'pass');
    assert.equal((await look(target(replica.port, { role: 'primary' }))).kind, 'fail');
  });

  test('a login that is refused, missing or too much is an error of ours (S22)', async () => {
    await using redis = await startRedis(['--requirepass', PASSWORD]);
    assert.equal((await look(target(redis.port, { password: new Secret(PASSWORD) }))).kind, 'pass');
    const named = { username: 'default', password: new Secret(PASSWORD) };
    assert.equal((await look(target(redis.port, named))).kind, 'pass');
    for (const change of [{}, { password: new Secret('wrong-Secret-8') }, { ...named, username: 'nobody' }]) {
      const result = await look(target(redis.port, change));
      assert.equal(result.kind, 'error', JSON.stringify(result));
      assert.ok(!JSON.stringify(result).includes('Secret'), JSON.stringify(result));
    }
    await using open = await startRedis();
    assert.equal((await look(target(open.port, { username: 'x', password: new Secret(PASSWORD) }))).kind, 'error');
  });

  test('a stopped server fails at the deadline, reached because its host accepts', async () => {
    await using redis = await startRedis();
    redis.setStopped(true);
    const result = await look(target(redis.port), 1_500);
    assert.ok(result.kind === 'fail');
    assert.deepEqual([result.phase, result.reach], ['firstByte', 'reached']);
  });
});

describe('readRedisReply', () => {
  const read = (text: string) => readRedisReply(Buffer.from(text));

  test('reads each kind, and waits for what is not all there', () => {
    const whole = '*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n';
    const found = read(`${whole}+OK\r\n`);
    assert.ok(found !== 'more' && found.piece.kind === 'list');
    assert.deepEqual([found.piece.items[0], found.length], [{ kind: 'text', text: 'master' }, whole.length]);
    for (let length = 0; length < whole.length; length += 1) assert.equal(read(whole.slice(0, length)), 'more');
    assert.deepEqual(read('$-1\r\n'), { piece: { kind: 'none' }, length: 5 });
  });

  test('refuses what is none, too deep, too long or not ended', () => {
    const deep = '*1\r\n'.repeat(10);
    for (const text of [
      'hello\r\n',
      '$70000\r\n',
      '*2000\r\n',
      deep,
      '$3\r\nabcde',
      '$x\r\n',
      `+${'a'.repeat(5_000)}`,
    ]) {
      assert.throws(() => read(text), /not the Redis protocol/, text.slice(0, 20));
    }
  });
});
